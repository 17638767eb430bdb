import type { z } from "zod";
import type { EndpointSpec } from "@/lib/contracts/endpoint";
import type { ErrorCode, FieldError } from "@/lib/core/errors";

/** A refusal of the REST API as it came: problem+json. */
export interface ProblemAnswer {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly requestId: string;
  readonly errors: readonly FieldError[];
}

export type CallAnswer<R> =
  | { readonly ok: true; readonly data: R; readonly etag: string | null }
  | { readonly ok: false; readonly problem: ProblemAnswer | null };

/** What the browser sends: before parsing, defaults may be left out. */
export interface CallParts<E extends EndpointSpec> {
  readonly project?: string;
  readonly params?: E["params"] extends z.ZodType ? z.input<E["params"]> : never;
  readonly query?: E["query"] extends z.ZodType ? Partial<Record<keyof z.input<E["query"]>, string | number | undefined>> : never;
  readonly body?: E["body"] extends z.ZodType ? z.input<E["body"]> : never;
  readonly ifMatch?: string;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Path and query of a call; path parameters are percent-encoded, so names may hold `/`. */
export function toUrl<E extends EndpointSpec>(endpoint: E, parts: CallParts<E>): string {
  const params = (parts.params ?? {}) as Record<string, unknown>;
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name] ?? "")));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((parts.query ?? {}) as Record<string, unknown>))
    if (value !== undefined && value !== "") search.set(name, String(value));
  const query = search.toString();
  return `/api/v1${path}${query === "" ? "" : `?${query}`}`;
}

/** Calls the REST API from a page. Never throws for a refusal; `problem` null means that no answer came. */
export async function call<E extends EndpointSpec>(endpoint: E, parts: CallParts<E>): Promise<CallAnswer<z.output<E["returns"]>>> {
  const headers = new Headers({ accept: "application/json" });
  if (parts.project !== undefined) headers.set("switchyard-project", parts.project);
  if (parts.body !== undefined) headers.set("content-type", "application/json");
  if (parts.ifMatch !== undefined) headers.set("if-match", `"${parts.ifMatch}"`);
  if (parts.idempotencyKey !== undefined) headers.set("idempotency-key", parts.idempotencyKey);
  let response: Response;
  try {
    response = await fetch(toUrl(endpoint, parts), {
      method: endpoint.method,
      headers,
      body: parts.body === undefined ? undefined : JSON.stringify(parts.body),
      signal: parts.signal,
      credentials: "same-origin",
    });
  } catch {
    return { ok: false, problem: null };
  }
  const data: unknown = await response.json().catch(() => null);
  if (!response.ok) return { ok: false, problem: data as ProblemAnswer | null };
  // The server parsed its answer with the same schema before it sent it.
  return { ok: true, data: data as z.output<E["returns"]>, etag: response.headers.get("etag")?.replaceAll('"', "") ?? null };
}
