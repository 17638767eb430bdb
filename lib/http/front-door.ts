import { randomUUID } from "node:crypto";
import { IncomingMessage, Server, ServerResponse } from "node:http";
import { AppError } from "@/lib/core/errors";
import { ENDPOINTS } from "./endpoints";
import { toProblem } from "./problem";

const API = "/api/v1";

/** Addresses that are in no endpoint table. */
const OTHERS = [
  { path: "/openapi.json", method: "GET" },
  { path: "/gateway-snapshot", method: "GET" },
];

interface Known {
  /** Null stands for a parameter. */
  readonly segments: readonly (string | null)[];
  readonly methods: Set<string>;
}

function toKnown(): Known[] {
  const byPath = new Map<string, Known>();
  for (const { path, method } of [...ENDPOINTS, ...OTHERS]) {
    const segments = path.split("/").map((part) => (part.startsWith("{") ? null : part));
    const name = JSON.stringify(segments);
    const known = byPath.get(name) ?? { segments, methods: new Set(["OPTIONS"]) };
    byPath.set(name, known);
    known.methods.add(method);
    if (method === "GET") known.methods.add("HEAD");
  }
  return [...byPath.values()];
}

const KNOWN = toKnown();
/** Methods of which Next calls a route or the catch-all; it has no answer of its own in our shape for the others. */
const ROUTED = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** As Next chooses: a static segment wins over a parameter. */
function findKnown(path: string): Known | null {
  const parts = path.slice(API.length).split("/");
  const fits = KNOWN.filter(
    ({ segments }) =>
      segments.length === parts.length && segments.every((s, i) => s === parts[i] || (s === null && (parts[i] ?? "").length > 0)),
  );
  const parameters = (known: Known) => known.segments.filter((s) => s === null).length;
  return fits.sort((a, b) => parameters(a) - parameters(b))[0] ?? null;
}

const isDecodable = (text: string) => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};

export interface Refusal {
  readonly error: AppError;
  /** Value of the `Allow` header; null where the address itself is not there. */
  readonly allow: string | null;
}

/** Why a request below /api/v1 reaches no route; null when one answers it, or when it is not for the API. */
export function refuseAtTheDoor(method: string, target: string): Refusal | null {
  const path = target.split(/[?#]/, 1)[0] ?? "";
  if (path !== API && !path.startsWith(`${API}/`)) return null;
  const nothing = (detail: string): Refusal => ({ error: new AppError("not_found", detail), allow: null });
  if (!isDecodable(path)) return nothing("The address holds a percent sign that is not followed by two hex digits of UTF-8.");
  const known = findKnown(path);
  if (known === null)
    return path === API || !ROUTED.has(method) || method === "OPTIONS"
      ? nothing("There is nothing at this address. GET /api/v1/openapi.json lists what is.")
      : null;
  if (known.methods.has(method)) return null;
  const allow = [...known.methods].sort().join(", ");
  return { error: new AppError("method_not_allowed", `This address does not know ${method}. It knows ${allow}.`), allow };
}

function answer(request: IncomingMessage, response: ServerResponse, { error, allow }: Refusal): void {
  const requestId = randomUUID();
  const problem = toProblem(error, { instance: (request.url ?? "").split(/[?#]/, 1)[0] ?? "", requestId });
  response.writeHead(error.status, {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId,
    ...(allow === null ? {} : { allow }),
  });
  response.end(request.method === "HEAD" ? undefined : JSON.stringify(problem));
}

/**
 * Some requests Next answers before any route of ours is asked: another method with an empty 405, TRACE and a broken percent sign with a
 * plain 500. So every HTTP server of this process looks at the API's requests first, and answers those itself with problem+json.
 */
export function standAtTheDoor(): void {
  const emit = Server.prototype.emit;
  Server.prototype.emit = function (this: Server, event: string | symbol, ...rest: unknown[]) {
    const [request, response] = rest;
    if (event === "request" && request instanceof IncomingMessage && response instanceof ServerResponse) {
      const refusal = refuseAtTheDoor(request.method ?? "", request.url ?? "");
      if (refusal !== null) {
        answer(request, response, refusal);
        return true;
      }
    }
    return Reflect.apply(emit, this, [event, ...rest]);
  };
}
