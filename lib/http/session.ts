import { decode } from "next-auth/jwt";
import { findPerson, type Person } from "@/lib/domain/access";
import { env } from "@/lib/infra/env";

/** next-auth's cookie: it carries a session id only; the session itself is a row that is looked up at every call. */
export function sessionCookieName(): string {
  return env("web").WEB_URL.startsWith("https://") ? "__Host-switchyard-session" : "switchyard-session";
}

export async function readSessionId(cookie: string | undefined): Promise<string | null> {
  if (cookie === undefined || cookie === "" || cookie.length > 4_096) return null;
  try {
    const token = await decode({ token: cookie, secret: env("web").SWITCHYARD_SECRET });
    return typeof token?.sid === "string" ? token.sid : null;
  } catch {
    return null;
  }
}

export async function findPersonByCookie(cookie: string | undefined): Promise<Person | null> {
  const sessionId = await readSessionId(cookie);
  return sessionId === null ? null : findPerson(sessionId);
}
