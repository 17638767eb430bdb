import { createHash } from "node:crypto";
import { type PromptContent, toContent, toPromptText } from "@/lib/domain/prompts/rules/content";
import { toVersionText } from "@/lib/domain/registry/rules/version-digest";
import type { ModelVersionFile, PromptVersionFile } from "./shapes";

export const sha256Hex = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The content hash that the server will give: docs/prompts.md. */
export function promptHash(version: PromptVersionFile): string {
  return sha256Hex(toPromptText(toContent(version)));
}

/** What the hash covers. */
export function promptContent(version: PromptVersionFile): PromptContent {
  return toContent(version);
}

/** What is registered of a model's version, as the body of the call that does it. */
export function toRegistered({ number: _n, digest: _d, state: _s, scores: _c, ...registered }: ModelVersionFile) {
  return registered;
}

/** The digest that the server will give: docs/registry.md. A parent stands in it by its own digest. */
export function modelDigest(version: ModelVersionFile, parentDigest: string | null): string {
  const { derivedFrom, ...content } = toRegistered(version);
  if (derivedFrom === null || parentDigest === null) return sha256Hex(toVersionText({ ...content, derivedFrom: null }));
  const { method, gpuArchitecture } = derivedFrom;
  return sha256Hex(toVersionText({ ...content, derivedFrom: { digest: parentDigest, method, gpuArchitecture } }));
}
