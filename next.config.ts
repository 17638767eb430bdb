import type { NextConfig } from "next";

// The content security policy is not here: proxy.ts sets it with a nonce for each request.
const securityHeaders = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "Referrer-Policy", value: "strict-origin-when-cross-origin" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), microphone=(), geolocation=(), payment=(), usb=()" },
];

// The gallery of components is a page of development only: a production build does not see its file.
const withGallery = process.env.NODE_ENV !== "production" || process.env.SWITCHYARD_GALLERY === "on";

const config: NextConfig = {
  pageExtensions: ["tsx", "ts", ...(withGallery ? ["gallery.tsx"] : [])],
  output: "standalone",
  poweredByHeader: false,
  // Types are a step of their own in every check; a build for use need not repeat it.
  typescript: { ignoreBuildErrors: true },
  allowedDevOrigins: ["127.0.0.1"],
  // The key is a pattern, in which [code] would be one of four letters.
  outputFileTracingIncludes: { "/docs/errors/*": ["./docs/errors/*.md"] },
  images: { unoptimized: true },
  headers: async () => [{ source: "/:path*", headers: securityHeaders }],
};

export default config;
