import type { z } from "zod";
import type { ErrorCode } from "../core/errors";
import type { Action } from "../core/policy/actions";

/**
 * One REST endpoint, written once as data. The route, the typed client, the react-query hook, the OpenAPI document and the contract
 * tests derive from it.
 */
export interface EndpointSpec {
  /** camelCase operation id, unique. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below /api/v1, path parameters in braces: `/models/{name}`. */
  readonly path: `/${string}`;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** What the actor must be allowed to do; `session`: any signed-in person without a project; `public`: anybody. */
  readonly access: Action | "session" | "public";
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly returns: z.ZodType;
  /** Status of success; 200 unless stated. */
  readonly status?: 200 | 201 | 202 | 204;
  /** The same content was there already: 200 with it, and nothing is changed. */
  readonly alsoAnswers?: 200;
  /** The answer is text/event-stream; `returns` is one event's data, whose field `event` names it. */
  readonly streams?: true;
  /** Codes that this endpoint may answer besides the general ones. */
  readonly errors?: readonly ErrorCode[];
  /** The answer carries an ETag; a PUT, PATCH or DELETE needs If-Match with it. */
  readonly etag?: true;
}

export function endpoint<const E extends EndpointSpec>(spec: E): E {
  return spec;
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : Record<never, never>;

/** What a command or query is given: parsed and trusted. */
export interface EndpointInput<E extends EndpointSpec> {
  readonly params: Parsed<E["params"]>;
  readonly query: Parsed<E["query"]>;
  readonly body: Parsed<E["body"]>;
}

/** What it answers, before the whitelist of `returns` is applied. */
export type EndpointResult<E extends EndpointSpec> = z.input<E["returns"]>;

/** Query and answer of every list. */
export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 200;
