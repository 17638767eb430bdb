import { randomUUID } from "node:crypto";
import type { NextAuthOptions, User } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { type SignedIn, signInWithOidc, signInWithPassword, signOut } from "@/lib/domain/access";
import { env } from "@/lib/infra/env";
import { runtime } from "./runtime";
import { sessionCookieName } from "./session";
import { visitorAddress } from "./visitor-address";

const OIDC_PROVIDER = "oidc";

const OidcProfile = z.looseObject({
  sub: z.string().min(1),
  email: z.email().nullish(),
  email_verified: z.union([z.boolean(), z.enum(["true", "false"]).transform((v) => v === "true")]).nullish(),
  name: z.string().nullish(),
});

const toUser = (s: SignedIn): User =>
  ({ id: s.userId, email: s.email, name: s.name, sessionId: s.sessionId }) as User & { sessionId: string };

function oidcProvider(): NextAuthOptions["providers"] {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_NAME } = env("web");
  if (OIDC_ISSUER === undefined || OIDC_CLIENT_ID === undefined || OIDC_CLIENT_SECRET === undefined) return [];
  return [
    {
      id: OIDC_PROVIDER,
      name: OIDC_NAME,
      type: "oauth",
      wellKnown: `${OIDC_ISSUER.replace(/\/$/, "")}/.well-known/openid-configuration`,
      clientId: OIDC_CLIENT_ID,
      clientSecret: OIDC_CLIENT_SECRET,
      idToken: true,
      checks: ["pkce", "state", "nonce"],
      authorization: { params: { scope: "openid email profile" } },
      profile: (raw: unknown) => {
        const profile = OidcProfile.parse(raw);
        return { id: profile.sub, email: profile.email ?? null, name: profile.name ?? null };
      },
    },
  ];
}

function passwordProvider() {
  return Credentials({
    name: "Password",
    credentials: { email: { type: "email" }, password: { type: "password" } },
    async authorize(credentials, request) {
      const given = z.object({ email: z.string().max(254), password: z.string().max(200) }).safeParse(credentials);
      if (!given.success) return null;
      try {
        const userAgent = request.headers?.["user-agent"];
        return toUser(
          await signInWithPassword(given.data, {
            address: visitorAddress(request.headers, env("web").SWITCHYARD_TRUSTED_PROXIES),
            userAgent: typeof userAgent === "string" ? userAgent : "",
            requestId: randomUUID(),
            now: new Date(),
          }),
        );
      } catch (error) {
        if (!(error instanceof AppError)) {
          runtime().logger.error({ err: error }, "sign-in failed");
          throw new Error("unavailable");
        }
        throw new Error(error.code);
      }
    },
  });
}

/** A function, so that nothing reads the environment while modules load. */
export function authOptions(): NextAuthOptions {
  const secure = env("web").WEB_URL.startsWith("https://");
  return {
    secret: env("web").SWITCHYARD_SECRET,
    providers: [passwordProvider(), ...oidcProvider()],
    session: { strategy: "jwt", maxAge: 12 * 3_600 },
    pages: { signIn: "/sign-in", error: "/sign-in" },
    cookies: { sessionToken: { name: sessionCookieName(), options: { httpOnly: true, sameSite: "lax", path: "/", secure } } },
    callbacks: {
      async signIn({ user, account, profile }) {
        if (account?.provider !== OIDC_PROVIDER) return true;
        const given = OidcProfile.safeParse(profile);
        if (!given.success) return "/sign-in?error=oidc_profile";
        try {
          const signedIn = await signInWithOidc(
            {
              provider: env("web").OIDC_ISSUER ?? OIDC_PROVIDER,
              subject: given.data.sub,
              email: given.data.email ?? null,
              emailVerified: given.data.email_verified === true,
              name: given.data.name ?? "",
            },
            { address: "oidc", userAgent: "", requestId: randomUUID(), now: new Date() },
          );
          Object.assign(user, toUser(signedIn));
          return true;
        } catch (error) {
          if (!(error instanceof AppError)) runtime().logger.error({ err: error }, "single sign-on failed");
          return `/sign-in?error=${error instanceof AppError ? error.code : "unavailable"}`;
        }
      },
      jwt({ token, user }) {
        // Only the session id travels; everything else is looked up at every call.
        if (user !== undefined) return { sid: (user as User & { sessionId?: string }).sessionId };
        return token;
      },
      session: ({ session }) => session,
      redirect({ url, baseUrl }) {
        if (url.startsWith("/") && !url.startsWith("//") && !url.startsWith("/\\")) return baseUrl + url;
        return URL.canParse(url) && new URL(url).origin === baseUrl ? url : baseUrl;
      },
    },
    events: {
      async signOut({ token }) {
        if (typeof token?.sid === "string") await signOut(token.sid);
      },
    },
    logger: {
      error: (code, metadata) =>
        runtime().logger.warn({ code, metadata: metadata instanceof Error ? metadata.message : undefined }, "next-auth"),
      warn: (code) => runtime().logger.debug({ code }, "next-auth"),
      debug: () => {},
    },
  };
}
