import { AppError } from "@/lib/core/errors";
import type { Actor } from "@/lib/core/policy/authorize";
import { sha256Hex } from "@/lib/infra/secrets";
import { API_TOKEN_PREFIX } from "./manage-tokens";
import { findLiveSession, findMemberNow, findProjectBySlug, findTokenByHash, toRole, toScopes, touchSession, touchToken } from "./store";

export interface Person {
  readonly userId: string;
  readonly sessionId: string;
  readonly email: string;
  readonly name: string;
  readonly isOperator: boolean;
}

const TOUCH_EVERY_MS = 60_000;

/** The signed-in person of a live session; looked up at every call, so signing out and disabling hold at once. */
export async function findPerson(sessionId: string): Promise<Person | null> {
  const now = new Date();
  const session = await findLiveSession(sessionId, now);
  if (session === null) return null;
  if (now.getTime() - session.lastSeenAt.getTime() > TOUCH_EVERY_MS) await touchSession(session.id, now);
  const { user } = session;
  return { userId: user.id, sessionId: session.id, email: user.email, name: user.name, isOperator: user.isOperator };
}

export interface ProjectAccess {
  readonly actor: Actor;
  readonly project: {
    readonly id: string;
    readonly slug: string;
    readonly name: string;
    readonly isDemo: boolean;
    readonly environments: string[];
  };
}

/** The person as a member of a project; null when there is no such project or no membership (the two are not told apart). */
export async function findProjectAccess(person: Person, slug: string): Promise<ProjectAccess | null> {
  const project = await findProjectBySlug(slug);
  if (project === null) return null;
  const member = await findMemberNow(project.id, person.userId);
  if (member === null) return null;
  return {
    actor: {
      kind: "user",
      userId: person.userId,
      name: person.name,
      sessionId: person.sessionId,
      projectId: project.id,
      role: toRole(member.role),
    },
    project: {
      id: project.id,
      slug: project.slug,
      name: project.name,
      isDemo: project.isDemo,
      environments: project.environments.map((e) => e.name),
    },
  };
}

/** @throws AppError unauthenticated for an unknown token, token_expired for one that ended */
export async function authenticateToken(text: string): Promise<Actor> {
  const unknown = () => new AppError("unauthenticated", "The API token is not known. Create one in the project's settings.");
  if (!text.startsWith(API_TOKEN_PREFIX) || text.length > 100) throw unknown();
  const token = await findTokenByHash(sha256Hex(text));
  if (token === null) throw unknown();
  const now = new Date();
  if (token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now))
    throw new AppError("token_expired", "The API token is expired or revoked. Create a new one in the project's settings.");
  const maker = await findMemberNow(token.projectId, token.createdById);
  if (maker === null || maker.user.disabledAt !== null)
    throw new AppError("token_expired", "The person who made this token is no longer a member of the project.");
  if (token.lastUsedAt === null || now.getTime() - token.lastUsedAt.getTime() > TOUCH_EVERY_MS) await touchToken(token.id, now);
  return {
    kind: "token",
    tokenId: token.id,
    makerId: token.createdById,
    name: token.name,
    projectId: token.projectId,
    scopes: toScopes(token.scopes),
    role: toRole(maker.role),
  };
}
