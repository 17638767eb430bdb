import { AppError } from "@/lib/core/errors";
import type { Actor } from "@/lib/core/policy/authorize";
import { authenticateToken, findProjectAccess, type Person } from "@/lib/domain/access";
import { env } from "@/lib/infra/env";
import { findPersonByCookie, sessionCookieName } from "./session";

/** The session's cookie holds dots, letters, digits, - and _ only: whatever needs decoding is none of ours. */
function readCookie(request: Request, name: string): string | undefined {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** A write that rides on a cookie must come from our own pages: same origin, never `null`, never absent. */
function assertSameOrigin(request: Request): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  const origin = request.headers.get("origin");
  if (origin === null || origin !== new URL(env("web").WEB_URL).origin)
    throw new AppError("cross_origin", `Writes with a browser session must come from ${new URL(env("web").WEB_URL).origin}.`);
}

/** @throws AppError unauthenticated, cross_origin */
export async function authenticatePerson(request: Request): Promise<Person> {
  const person = await findPersonByCookie(readCookie(request, sessionCookieName()));
  if (person === null) throw new AppError("unauthenticated", "Sign in, or send Authorization: Bearer sy_….");
  assertSameOrigin(request);
  return person;
}

/** Who asks, in which project: a token's own, or the one that a signed-in person names in the header Switchyard-Project. */
export async function authenticate(request: Request): Promise<Actor> {
  const header = request.headers.get("authorization");
  if (header !== null) {
    const match = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(header);
    if (match?.[1] === undefined) throw new AppError("unauthenticated", "Send the token as Authorization: Bearer sy_….");
    return authenticateToken(match[1]);
  }
  const person = await authenticatePerson(request);
  const slug = request.headers.get("switchyard-project");
  if (slug === null) throw new AppError("project_required", "Name the project in the header Switchyard-Project.");
  const access = await findProjectAccess(person, slug);
  if (access === null) throw new AppError("not_found", "There is no such project, or you are not a member of it.");
  return access.actor;
}
