import type { CallSettings } from "@/lib/contracts/gateway-config";
import type { Outcome } from "@/lib/contracts/gateway-event";
import type { ErrorCode } from "@/lib/core/errors";
import type { Script } from "../scripted-upstream";
import type { RawClient } from "./raw-client";

/** What each request of a cell must come to. */
export interface Expected {
  /** As the client sees it; null: it has no answer to see, because it left. */
  readonly status: number | null;
  /** Of the error answer, or of the event that ends a broken stream; null: none. */
  readonly codes: readonly (ErrorCode | "model_not_found")[] | null;
  /** Of the one event in the spool; null: none may be there. More than one where timing may decide. */
  readonly outcome: Outcome | readonly Outcome[] | null;
  readonly attempts?: number;
  /** The body, exactly. */
  readonly body?: Buffer;
}

/** Where the backends of a cell live and what they do. */
export interface Place {
  readonly urls: readonly string[];
  close(): Promise<void>;
}

/** What a client does after its request. `untilSettled` resolves when the gateway has settled it. */
export type Behaviour = (client: RawClient, untilSettled: () => Promise<void>) => Promise<void>;

/** One row of the matrix, or a part of one. */
export interface Fault {
  /** The row in the matrix. */
  readonly row: number;
  readonly name: string;
  /** false: whole answers; true: streams. */
  readonly streamed: boolean;
  readonly script?: (streamed: boolean) => Script;
  /** Instead of one scripted backend. */
  readonly place?: () => Promise<Place>;
  readonly allowHalfOpen?: boolean;
  /** Shorter than the usual ones, where the fault is that time passes. */
  readonly limits?: CallSettings;
  /** Instead of a client that reads everything. */
  readonly client?: Behaviour;
  readonly expected: Expected;
  /** Fields of the request's body besides the usual. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** The most at a time, where a cell's size is the fault. */
  readonly mostAtOnce?: number;
  /** Requests that go through before the fault begins, so that connections are kept. */
  readonly warmUp?: boolean;
  /** Looks at what the backend was asked, after all requests. */
  readonly check?: (seen: { readonly requests: number; readonly asked: number }) => void;
}

export const complete = (more: Partial<Expected> = {}): Expected => ({ status: 200, codes: null, outcome: "complete", ...more });
export const failed = (status: number, ...codes: ErrorCode[]): Expected => ({ status, codes, outcome: "failed" });
export const cut = (...codes: ErrorCode[]): Expected => ({ status: 200, codes, outcome: "cut" });
export const gone: Expected = { status: null, codes: null, outcome: "client_gone" };

/** The same fault for whole answers and for streams. */
export function both(fault: Omit<Fault, "streamed" | "expected">, whole: Expected, stream: Expected = whole): Fault[] {
  return [
    { ...fault, streamed: false, expected: whole },
    { ...fault, streamed: true, expected: stream },
  ];
}
