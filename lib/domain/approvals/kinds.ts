import type { z } from "zod";
import type { AuditActor } from "../audit";
import type { Reader, Tx } from "./store";

/** Who had a hand in what would be used, or in the evidence that is shown for it: a person, or a token whose maker counts. */
export interface Maker {
  readonly id: string;
  readonly name: string;
  /** Absent: they made it. */
  readonly as?: "evidence";
}

/** What a request would do, as things are now. */
export interface Described {
  /** Whose policy holds. */
  readonly environment: string;
  /** What is guarded, unique in the installation. */
  readonly subjectId: string;
  /** Exactly what it would become; null: taken away. */
  readonly targetId: string | null;
  readonly title: string;
  /** What is and what would be, as JSON: all of it is shown, and all of it is in the digest. */
  readonly change: Readonly<Record<string, z.core.util.JSONType>>;
  readonly makers: readonly Maker[];
  /** Facts that must hold, by name. */
  readonly checks: readonly { readonly name: string; readonly passed: boolean }[];
}

export interface Execution {
  readonly projectId: string;
  /** The request's subject. */
  readonly raw: unknown;
  readonly described: Described;
  readonly approval: { readonly id: string; readonly number: number };
  /** Who asked: the change counts as theirs. */
  readonly by: { readonly kind: string; readonly id: string; readonly name: string };
  readonly reason: string;
  /** Whose call executes it, for the trail of what it changes beside the request. */
  readonly actor: AuditActor;
  readonly requestId: string;
  /** What `prepare` read; undefined where it was not asked. */
  readonly prepared?: unknown;
}

/** Something that is done only with an approval. The approvals know no more of it than this. */
export interface ApprovalKind {
  readonly name: string;
  /** Reads the request's `subject`. */
  readonly subject: z.ZodType;
  /**
   * Describes what the subject asks for, read inside the caller's transaction.
   * @throws AppError invalid_reference or state_conflict for what cannot be asked for
   */
  describe(reader: Reader, projectId: string, subject: unknown): Promise<Described>;
  /**
   * Reads what takes longer than a transaction may, before the one that may execute it. Nothing is locked yet: `execute` judges whether it still
   * holds. It has to end in a few seconds, with what there is then.
   */
  prepare?(projectId: string, subject: unknown): Promise<unknown>;
  /** Does it, inside the transaction that has made the approval executed. Returns what the audit event says of it. */
  execute(tx: Tx, execution: Execution): Promise<Readonly<Record<string, unknown>>>;
}

/** On the global object, since a bundler may load this module more than once in one process. */
const holder = globalThis as typeof globalThis & { switchyardApprovalKinds?: ReadonlyMap<string, ApprovalKind> };

/** Tells this process what approvals can execute, once, at its start. */
export function provideApprovalKinds(kinds: readonly ApprovalKind[]): void {
  holder.switchyardApprovalKinds = new Map(kinds.map((kind) => [kind.name, kind]));
}

export function findKind(name: string): ApprovalKind | null {
  return holder.switchyardApprovalKinds?.get(name) ?? null;
}

export function listKindNames(): string[] {
  return [...(holder.switchyardApprovalKinds?.keys() ?? [])];
}
