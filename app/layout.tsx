import type { Metadata, Viewport } from "next";
import localFont from "next/font/local";
import { headers } from "next/headers";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { getLocale, getTheme, getTimeZone } from "@/components/shell/locale";
import { beforePaint } from "@/components/shell/preferences";
import { Providers } from "@/components/shell/providers";
import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";
import "./globals.css";

// Loaded by hand and not through the package's own loader: its family list ends in system-ui, which on a Korean
// system has Hangul and would come before Pretendard.
const geist = localFont({
  src: "../node_modules/geist/dist/fonts/geist-sans/Geist-Variable.woff2",
  variable: "--font-geist",
  weight: "100 900",
  display: "swap",
});
const geistMono = localFont({
  src: "../node_modules/geist/dist/fonts/geist-mono/GeistMono-Variable.woff2",
  variable: "--font-geist-mono",
  weight: "100 900",
  display: "swap",
  preload: false,
  adjustFontFallback: false,
});

export const metadata: Metadata = {
  title: { default: "Switchyard", template: "%s · Switchyard" },
  description: "Release control plane for served models",
  robots: { index: false, follow: false },
};

export const viewport: Viewport = { width: "device-width", initialScale: 1, viewportFit: "cover" };

export default async function RootLayout({ children }: { children: ReactNode }) {
  await connection();
  const [locale, theme, timeZone, head] = await Promise.all([getLocale(), getTheme(), getTimeZone(), headers()]);
  return (
    <html lang={locale} data-theme={theme ?? undefined} className={`${geist.variable} ${geistMono.variable}`} suppressHydrationWarning>
      <head>
        {/* the browser hides the nonce from scripts, so hydration would see a difference that is none */}
        <script nonce={head.get("x-nonce") ?? undefined} suppressHydrationWarning>
          {beforePaint}
        </script>
      </head>
      <body>
        <Providers locale={locale} nowMs={Date.now()} timeZone={timeZone}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
