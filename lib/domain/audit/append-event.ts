import { newId } from "@/lib/infra/ids";
import { sha256Hex } from "@/lib/infra/secrets";
import { type ChainedEvent, toHashedText } from "./rules/chain";
import { insertEvent, lockHead } from "./store";

/** The chain of what an operator does to the whole installation, beside those of the projects. */
export const INSTALLATION_CHAIN = "installation";

/** What a command says about its change. `details` holds what was and what is, never a secret. */
export interface AuditDraft {
  readonly action: string;
  readonly objectKind: string;
  readonly objectId: string;
  readonly objectName: string;
  readonly reason?: string | null;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface AuditActor {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
}

/**
 * Adds one event to the chain inside the caller's transaction. It locks the chain's head row, so call it last: links are written one
 * after the other and the lock is held only to the commit.
 */
export async function appendEvent(
  tx: Parameters<typeof lockHead>[0],
  input: { chain: string; actor: AuditActor; requestId: string; draft: AuditDraft },
): Promise<{ id: string; sequence: number }> {
  const head = await lockHead(tx, input.chain);
  const event: ChainedEvent = {
    chain: input.chain,
    sequence: head.sequence + 1,
    id: newId("audit"),
    at: head.now.toISOString(),
    actorKind: input.actor.kind,
    actorId: input.actor.id,
    actorName: input.actor.name,
    action: input.draft.action,
    objectKind: input.draft.objectKind,
    objectId: input.draft.objectId,
    objectName: input.draft.objectName,
    reason: input.draft.reason ?? null,
    details: JSON.parse(JSON.stringify(input.draft.details ?? {})),
    requestId: input.requestId,
    prevHash: head.hash,
  };
  await insertEvent(tx, { ...event, hash: sha256Hex(toHashedText(event)) });
  return { id: event.id, sequence: event.sequence };
}
