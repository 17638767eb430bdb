import { toCanonicalJson } from "@/lib/core/canonical";

/** `prevHash` of the first event of a chain. */
export const GENESIS_HASH = "0".repeat(64);

/** Everything of an event that its hash covers. `at` is ISO 8601 with milliseconds, `sequence` starts at 1 and has no gap. */
export interface ChainedEvent {
  readonly chain: string;
  readonly sequence: number;
  readonly id: string;
  readonly at: string;
  readonly actorKind: string;
  readonly actorId: string;
  readonly actorName: string;
  readonly action: string;
  readonly objectKind: string;
  readonly objectId: string;
  readonly objectName: string;
  readonly reason: string | null;
  readonly details: unknown;
  readonly requestId: string;
  readonly prevHash: string;
}

/** The text whose SHA-256 is the event's hash: canonical JSON, so that anybody can recompute it. */
export function toHashedText(event: ChainedEvent): string {
  const {
    chain,
    sequence,
    id,
    at,
    actorKind,
    actorId,
    actorName,
    action,
    objectKind,
    objectId,
    objectName,
    reason,
    details,
    requestId,
    prevHash,
  } = event;
  return toCanonicalJson({
    chain,
    sequence,
    id,
    at,
    actorKind,
    actorId,
    actorName,
    action,
    objectKind,
    objectId,
    objectName,
    reason,
    details,
    requestId,
    prevHash,
  });
}

export type ChainFault =
  | { readonly kind: "edited"; readonly sequence: number }
  | { readonly kind: "missing"; readonly sequence: number }
  | { readonly kind: "reordered"; readonly sequence: number }
  | { readonly kind: "cut"; readonly sequence: number; readonly expected: number }
  | { readonly kind: "head"; readonly sequence: number }
  | { readonly kind: "anchor"; readonly sequence: number };

export interface StoredEvent extends ChainedEvent {
  readonly hash: string;
}

/** The last link that a check has seen. */
export interface ChainPosition {
  readonly sequence: number;
  readonly hash: string;
  /** Id of the last event: ids sort by time, so a swapped pair shows. */
  readonly id: string;
}

export const CHAIN_START: ChainPosition = { sequence: 0, hash: GENESIS_HASH, id: "" };

/** Checks the next events of a chain, ascending; stops at the first fault. `sha256` gives lower-case hex. */
export function checkLinks(
  from: ChainPosition,
  events: readonly StoredEvent[],
  sha256: (text: string) => string,
): { readonly position: ChainPosition; readonly fault: ChainFault | null } {
  let position = from;
  for (const event of events) {
    if (event.sequence !== position.sequence + 1) return { position, fault: { kind: "missing", sequence: position.sequence + 1 } };
    if (sha256(toHashedText(event)) !== event.hash) return { position, fault: { kind: "edited", sequence: event.sequence } };
    if (event.prevHash !== position.hash) return { position, fault: { kind: "reordered", sequence: event.sequence } };
    position = { sequence: event.sequence, hash: event.hash, id: event.id };
  }
  return { position, fault: null };
}

/** A signed statement, kept outside the database, that the chain had this link at this place. */
export interface Anchor {
  readonly chain: string;
  readonly sequence: number;
  readonly hash: string;
  readonly at: string;
}

export const ANCHOR_SIGNING_DOMAIN = "switchyard-audit-anchor-v1\n";

export function toAnchorText(anchor: Anchor): string {
  return ANCHOR_SIGNING_DOMAIN + toCanonicalJson({ chain: anchor.chain, sequence: anchor.sequence, hash: anchor.hash, at: anchor.at });
}
