import type { z } from "zod";
import type { EndpointSpec } from "@/lib/contracts/endpoint";
import { toCanonicalJson } from "@/lib/core/canonical";
import { CommandError, UsageError } from "./errors";
import { sha256Hex } from "./files/content";
import { type Io, toVisible } from "./io";

/** What a call sends: before parsing, defaults may be left out. */
export interface Sent<E extends EndpointSpec> {
  readonly params?: E["params"] extends z.ZodType ? z.input<E["params"]> : never;
  readonly query?: E["query"] extends z.ZodType ? Partial<Record<keyof z.input<E["query"]>, string | number>> : never;
  readonly body?: E["body"] extends z.ZodType ? z.input<E["body"]> : never;
  readonly ifMatch?: string;
  /** Tells apart two calls that are alike but meant twice. */
  readonly occasion?: string;
}

interface Problem {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
}

/** The server answered, and said no. */
export class Refusal extends CommandError {
  constructor(
    readonly code: string,
    message: string,
    lines: readonly string[],
  ) {
    super(message, lines);
  }
}

export interface RestClient {
  /** The server's address, for links. */
  readonly url: string;
  call<E extends EndpointSpec>(endpoint: E, sent: Sent<E>): Promise<z.output<E["returns"]>>;
  /** Every item of a list, page by page. */
  list<E extends ListEndpoint>(endpoint: E, sent: Sent<E>): Promise<z.output<E["returns"]>["items"]>;
}
export type ListEndpoint = EndpointSpec & { readonly returns: z.ZodType<{ items: unknown[]; nextCursor: string | null }> };

const ATTEMPTS = 6;
const MAX_WAIT_SECONDS = 120;
const REQUEST_TIMEOUT_MS = 60_000;
/** From here on a person would wonder. */
const TOLD_WAIT_MS = 2_000;
const PAGE = 200;

/** Where the server is and with which token, from the environment. @throws UsageError */
export function readConnection(env: Io["env"], flag: string | undefined): { url: string; token: string } {
  const given = flag ?? env.SWITCHYARD_URL ?? "";
  if (given === "") throw new UsageError("Set SWITCHYARD_URL to the address of the dashboard, such as https://switchyard.example.com");
  if (!URL.canParse(given)) throw new UsageError(`${given} is not an address. Write https://host or http://host:port`);
  const url = new URL(given);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw new UsageError(`${given} is not an http or https address.`);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw new UsageError("SWITCHYARD_URL holds no user, password, ? or #. The token belongs in SWITCHYARD_TOKEN.");
  const token = env.SWITCHYARD_TOKEN ?? "";
  if (token === "") throw new UsageError("Set SWITCHYARD_TOKEN to an API token of the project (Settings → Tokens; it begins with sy_).");
  if (!/^[\x21-\x7e]+$/.test(token)) throw new UsageError("SWITCHYARD_TOKEN holds white space or other characters that no token has.");
  return { url: url.href.replace(/\/+$/, ""), token };
}

function toAddress(endpoint: EndpointSpec, sent: { params?: unknown; query?: unknown }): string {
  const params = (sent.params ?? {}) as Record<string, unknown>;
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name] ?? "")));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((sent.query ?? {}) as Record<string, unknown>)) search.set(name, String(value));
  return `/api/v1${path}${search.size === 0 ? "" : `?${search}`}`;
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "detail" in value && typeof value.detail === "string";
}

/** RFC 9110, section 10.2.3: seconds or a date; null where there is none or none that can be read. */
export function readRetryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

const RETRIED = new Set([429, 502, 503, 504]);

/** Talks to the REST API: retries what may be retried, follows pages, and turns every refusal into words that say how to mend it. */
export function createRestClient(io: Io, { url, token }: { url: string; token: string }): RestClient {
  async function once(address: string, init: RequestInit): Promise<Response | null> {
    try {
      return await io.fetch(`${url}${address}`, { ...init, redirect: "manual", signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    } catch {
      return null;
    }
  }

  async function send(address: string, init: RequestInit): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const response = await once(address, init);
      if (response !== null && (attempt === ATTEMPTS || !(await mayRetry(response)))) return response;
      if (attempt === ATTEMPTS)
        throw new CommandError(`${url} does not answer.`, ["Is SWITCHYARD_URL right, and can it be reached from here?"]);
      await waitFor(response, attempt);
    }
  }

  /** As long as the server asks for; else longer each time. @throws CommandError when that is too long to be waited for */
  async function waitFor(response: Response | null, attempt: number): Promise<void> {
    const asked = readRetryAfter(response?.headers.get("retry-after") ?? null, Date.now());
    if (asked !== null && asked > MAX_WAIT_SECONDS)
      throw new CommandError(`The server asks to come again in ${asked} seconds.`, [
        "Run the command again then: it goes on where it stopped.",
      ]);
    const spread = 200 * 2 ** attempt * (0.5 + io.chance());
    const wait = asked === null ? spread : asked * 1000 + spread / 10;
    if (wait >= TOLD_WAIT_MS) io.err(`switchyard: ${response?.status ?? "no answer"}; the next try is in ${Math.round(wait / 1000)} s\n`);
    await io.sleep(wait);
  }

  async function mayRetry(response: Response): Promise<boolean> {
    if (RETRIED.has(response.status)) return true;
    if (response.status !== 409) return false;
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null);
    return isProblem(body) && body.code === "idempotency_in_progress";
  }

  async function call<E extends EndpointSpec>(endpoint: E, sent: Sent<E>): Promise<z.output<E["returns"]>> {
    const address = toAddress(endpoint, sent);
    const headers: Record<string, string> = {
      accept: "application/json",
      authorization: `Bearer ${token}`,
      "user-agent": "switchyard-command",
    };
    if (sent.ifMatch !== undefined) headers["if-match"] = `"${sent.ifMatch}"`;
    const body = sent.body === undefined ? undefined : JSON.stringify(sent.body);
    if (body !== undefined) headers["content-type"] = "application/json";
    // The same step always has the same key, in another run of the command, too: it is done once.
    if (endpoint.method === "POST")
      headers["idempotency-key"] = `switchyard-${sha256Hex(toCanonicalJson([address, sent.body ?? null, sent.occasion ?? ""]))}`;
    const response = await send(address, { method: endpoint.method, headers, body });
    const what = `${endpoint.method} ${decodeURI(address)}`;
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw toRefusal(what, response, answer);
    const parsed = endpoint.returns.safeParse(answer);
    if (parsed.success) return parsed.data as z.output<E["returns"]>;
    const [first] = parsed.error.issues;
    throw new CommandError(`${what}: the answer has a shape that this command does not know.`, [
      `${first?.path.join("/") ?? ""}: ${first?.message ?? ""}`,
      "Use the command of the server's own release.",
    ]);
  }

  return {
    url,
    call,
    async list(endpoint, sent) {
      const items: z.output<(typeof endpoint)["returns"]>["items"] = [];
      let cursor: string | null = null;
      do {
        const query = { ...sent.query, limit: PAGE, ...(cursor === null ? {} : { cursor }) };
        const page: { items: unknown[]; nextCursor: string | null } = await call(endpoint, { ...sent, query } as unknown as typeof sent);
        items.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      return items;
    },
  };
}

function toRefusal(what: string, response: Response, answer: unknown): CommandError {
  if (response.status >= 300 && response.status < 400)
    return new CommandError(`The server sends elsewhere: ${toVisible(response.headers.get("location") ?? "")}`, [
      "Set SWITCHYARD_URL to the address itself: a token is not carried along.",
    ]);
  if (!isProblem(answer))
    return new CommandError(`${what}: ${response.status}, and not an answer of Switchyard's API.`, [
      "Is SWITCHYARD_URL the dashboard's address?",
    ]);
  const lines = (answer.errors ?? []).map(({ pointer, detail }) => toVisible(`${pointer}: ${detail}`));
  if (answer.code === "forbidden" && /scope/.test(answer.detail))
    lines.push("export and plan need the scope read; import also registry:write, and approvals:request for protected names.");
  if (answer.code === "unauthenticated" || answer.code === "token_expired") lines.push("Check SWITCHYARD_TOKEN.");
  lines.push(`request ${toVisible(answer.requestId)}`);
  return new Refusal(answer.code, toVisible(`${what}: ${response.status} ${answer.code}. ${answer.detail}`), lines);
}
