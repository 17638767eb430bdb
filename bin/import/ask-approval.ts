import { getApproval, listApprovals, requestApproval } from "@/lib/domain/approvals/api";
import { Refusal, type RestClient } from "../rest-client";

/** What is asked for: a kind of approval and its subject, as POST /approvals takes them. */
export interface Wish {
  readonly kind: string;
  readonly subject: Readonly<Record<string, string | number>>;
  /** Tells from what a request shows whether it asks for the same. */
  readonly matches: (change: Readonly<Record<string, unknown>>) => boolean;
}

export type Asked =
  /** It waits for people; `isNew`: we asked just now. */
  | { readonly state: "pending"; readonly number: number; readonly isNew: boolean }
  /** Approved with execution on_call: the ordinary call uses it up. */
  | { readonly state: "approved"; readonly number: number };

async function findOpen(client: RestClient, wish: Wish): Promise<Asked | null> {
  const open = await client.list(listApprovals, { query: { view: "open", kind: wish.kind } });
  for (const { number, state } of open) {
    if (state !== "pending" && state !== "approved") continue;
    const { content } = await client.call(getApproval, { params: { id: String(number) } });
    if (wish.matches(content.change)) return state === "approved" ? { state, number } : { state, number, isNew: false };
  }
  return null;
}

/** Finds the request that asks for exactly this and waits, or asks for it: once, however often it is called. */
export async function askApproval(client: RestClient, wish: Wish, reason: string): Promise<Asked> {
  const there = await findOpen(client, wish);
  if (there !== null) return there;
  const { kind, subject } = wish;
  // A request that is over may be asked for again; one whose answer was lost may not be doubled.
  const last = await client.call(listApprovals, { query: { kind, limit: 1 } });
  try {
    const body = { kind, subject: { ...subject }, reason };
    const { number } = await client.call(requestApproval, { body, occasion: String(last.items[0]?.number ?? 0) });
    return { state: "pending", number, isNew: true };
  } catch (error) {
    const raced = error instanceof Refusal && error.code === "already_exists" ? await findOpen(client, wish) : null;
    if (raced === null) throw error;
    return raced;
  }
}
