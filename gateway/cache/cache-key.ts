import { createHmac, hkdfSync } from "node:crypto";
import type { RuntimeProject } from "../config/runtime-config";

/** Keys that only this project's gateways have: Redis holds neither questions nor answers that could be read or guessed there. */
export interface ProjectCacheKeys {
  /** Of the HMAC that names entries. */
  readonly naming: Buffer;
  /** Of AES-256-GCM over them. */
  readonly sealing: Buffer;
}

const known = new WeakMap<RuntimeProject, ProjectCacheKeys>();

/** Derived from the project's subject key, so that one project's entry means nothing to another, whatever its name in Redis. */
export function toProjectKeys(project: RuntimeProject, subjectKey: string): ProjectCacheKeys {
  const found = known.get(project);
  if (found !== undefined) return found;
  const bytes = Buffer.from(hkdfSync("sha256", subjectKey, "", "switchyard/answer-cache/v1", 64));
  const keys = { naming: bytes.subarray(0, 32), sealing: bytes.subarray(32) };
  known.set(project, keys);
  return keys;
}

/** Everything but the body that an answer depends on, and for whom it is. */
export interface AnswerPlace {
  readonly projectId: string;
  readonly environment: string;
  readonly endpointId: string;
  /** How often the endpoint's answers were given up. */
  readonly purges: number;
  /** What decides the release's answers (GatewayCache.space), and which of its variants answers. */
  readonly space: string;
  readonly variant: string;
  readonly operation: string;
  /** An answer is given in the form that it came in: to cut a whole one into a stream's pieces, or the reverse, would be an invention. */
  readonly form: "whole" | "stream";
  /** The key's id or the subject's hash where answers are kept apart by them; empty where they are not. */
  readonly audience: string;
}

/** Where an entry lies: `name` is the endpoint, its purges and a hash that nobody can compute without the project's key. */
export interface EntryPlace {
  readonly projectId: string;
  readonly name: string;
}

export function toEntryPlace(keys: ProjectCacheKeys, place: AnswerPlace, canonicalBody: string): EntryPlace {
  const { projectId, environment, endpointId, purges, space, variant, operation, form, audience } = place;
  const parts = JSON.stringify([projectId, environment, endpointId, purges, space, variant, operation, form, audience]);
  const hash = createHmac("sha256", keys.naming).update(parts).update("\n").update(canonicalBody).digest("base64url");
  return { projectId, name: `${endpointId}.${purges}.${hash}` };
}
