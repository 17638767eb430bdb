import type { DEFAULT_CALLS } from "@/lib/contracts/gateway-config";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { goodScript, type Script, type ScriptedUpstream, startScriptedUpstream } from "../scripted-upstream";
import { startTestGateway, type TestGateway } from "../test-gateway";
import { testBackend, testEndpoint, testRelease, testVariant } from "../test-installation";
import type { Expected, Fault, Place } from "./fault";
import { RawClient } from "./raw-client";

/** Of the backends: it must never come back to a client. */
const BACKEND_KEY = "sk-backend-canary-0123456789";
/** A client that takes nothing for this long is cut. */
const WRITE_IDLE_MS = 500;
/** Where time is not the fault, none of these is reached. */
const LONG = { connectTimeoutMs: 15_000, firstByteTimeoutMs: 20_000, idleTimeoutMs: 20_000, totalTimeoutMs: 60_000 } as const;
const PATIENCE_MS = 30_000;

export interface CellResult {
  readonly fault: Fault;
  readonly atOnce: number;
  /** Why the cell is not as it must be; empty when it is. */
  readonly problems: readonly string[];
  /** Status and code, and how often. */
  readonly seen: ReadonlyMap<string, number>;
  readonly medianMs: number;
  readonly longestMs: number;
  readonly rssMb: number;
}

interface Asked {
  readonly id: string;
  readonly client: RawClient;
  readonly tookMs: number;
}

async function ask(gateway: TestGateway, fault: Fault, id: string): Promise<Asked> {
  const startedMs = performance.now();
  const client = new RawClient(Number(new URL(gateway.url).port), id);
  const body = JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hi" }], stream: fault.streamed, ...fault.more });
  const close = fault.warmUp === true ? "" : "connection: close\r\n";
  client.send(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-request-id: ${id}\r\n${close}authorization: Bearer ${gateway.installation.keyText}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const untilSettled = async () => void (await becomes(async () => (await gateway.events()).some((e) => e.clientRequestId === id)));
  if (fault.client !== undefined) await fault.client(client, untilSettled);
  else if (fault.warmUp === true) {
    await client.until((text) => /\r\n\r\n.*(\}|\[DONE\]\n\n\r\n0\r\n\r\n)$/s.test(text));
    client.leave();
  } else await client.end;
  return { id, client, tookMs: performance.now() - startedMs };
}

function codeOf(client: RawClient): string | null {
  const { status, body } = client;
  const text = status === 200 ? (/data: (\{"error".*)\n\n$/.exec(body)?.[1] ?? null) : body;
  if (text === null || text === "") return null;
  try {
    const { code, message, type } = JSON.parse(text).error;
    return typeof code === "string" && typeof message === "string" && typeof type === "string" ? code : "an error of another shape";
  } catch {
    return "an error that cannot be read";
  }
}

/** Until an open breaker may have refused: in a crowd, the first failures end before the last requests begin. */
const RESTING = "upstream_resting";

function judgeAnswer({ client }: Asked, expected: Expected): string | null {
  if (expected.status === null) return null;
  const code = codeOf(client);
  const { status } = client;
  const isResting = code === RESTING && status === 503 && expected.codes?.includes(RESTING);
  if (status !== expected.status && !isResting) return `the client saw ${status} ${code}`;
  if (expected.codes === null) {
    if (code !== null && status !== 200) return `the client saw the error ${code}`;
    if (client.body.includes('data: {"error"')) return "the stream ended with an error";
  } else if (!expected.codes.some((c) => c === code)) return `the client saw ${code}`;
  if (expected.outcome === "cut" && client.body.includes("[DONE]")) return "a broken stream ended with [DONE]";
  if (expected.body !== undefined && !client.bodyBytes.equals(expected.body)) return "the bytes are not those of the backend";
  const attempts = client.header("x-switchyard-attempts");
  if (expected.attempts !== undefined && attempts !== String(expected.attempts)) return `it took ${attempts} attempts`;
  return client.raw.includes(BACKEND_KEY) ? "the backend's key came back" : null;
}

function judgeEvents(asked: Asked, events: readonly UsageEvent[], { outcome }: Expected): string | null {
  const own = events.filter((e) => e.clientRequestId === asked.id);
  if (own.length !== 1) return `it was settled ${own.length} times`;
  const [event] = own;
  const wanted = outcome === null ? [] : [outcome].flat();
  return event === undefined || wanted.includes(event.outcome) ? null : `it was settled as ${event.outcome} (${event.errorCode})`;
}

/** Waits for what must come true by itself. false: it did not. */
async function becomes(test: () => boolean | Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    if (await test()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

const metric = (text: string, name: string) =>
  [...text.matchAll(new RegExp(`^switchyard_gateway_${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))].reduce((sum, m) => sum + Number(m[1]), 0);

/** Nothing of the cell's requests is left: no request, call, time limit or connection. */
async function findLeaks(gateway: TestGateway, upstream: ScriptedUpstream | null, serveNothing: () => Promise<void>): Promise<string[]> {
  const leaks: string[] = [];
  const isZero = async (name: string) => {
    const read = async () => metric(await (await fetch(`${gateway.url}/metrics`)).text(), name);
    if (!(await becomes(async () => (await read()) === 0))) leaks.push(`${name} stays at ${await read()}`);
  };
  await isZero("in_flight_requests");
  await isZero("backend_in_flight");
  await isZero("watched_limits");
  await serveNothing();
  if (upstream !== null && !(await becomes(() => upstream.connections() === 0)))
    leaks.push(`${upstream.connections()} connections to the backend stay open`);
  return leaks;
}

/** Begins when all requests of the cell are there: the first failures would else open the breaker before the last ones are sent. */
function whenAllAreThere(script: Script, count: number): Script {
  let arrived = 0;
  let open = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return async (wire) => {
    if (++arrived >= count) open();
    await all;
    await script(wire);
  };
}

async function openPlace(fault: Fault, count: number): Promise<{ place: Place; upstream: ScriptedUpstream | null }> {
  if (fault.place !== undefined) return { place: await fault.place(), upstream: null };
  const script = whenAllAreThere(fault.script?.(fault.streamed) ?? goodScript, count);
  const upstream = await startScriptedUpstream(script, { allowHalfOpen: fault.allowHalfOpen === true });
  return { place: { urls: [upstream.url], close: () => upstream.close() }, upstream };
}

async function serve(gateway: TestGateway, fault: Fault, urls: readonly string[]): Promise<void> {
  const { installation } = gateway;
  const limits = { ...LONG, ...fault.limits };
  const servers = urls.map((url) => {
    const { maxAttempts: _, ...times } = limits as typeof DEFAULT_CALLS;
    const server = testBackend(url, times);
    return { ...server, apiKey: installation.sealBackendKey(server.backendId, BACKEND_KEY) };
  });
  const release = testRelease(1, [testVariant(servers.map((s) => s.id))], { calls: limits });
  await gateway.serve(installation.config({ backends: servers, endpoints: [testEndpoint("chat", [release])] }));
}

const quantile = (values: readonly number[], q: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? 0;

/** One cell: this many requests at once meet one fault, in a gateway of their own. */
export async function runCell(fault: Fault, atOnce: number): Promise<CellResult> {
  const count = Math.min(atOnce, fault.mostAtOnce ?? atOnce);
  const { place, upstream } = await openPlace(fault, count);
  const gateway = await startTestGateway({ writeIdleMs: WRITE_IDLE_MS });
  try {
    await serve(gateway, fault, place.urls);
    const all = (name: string) => Promise.all(Array.from({ length: count }, (_, i) => ask(gateway, fault, `${name}-${i}`)));
    if (fault.warmUp === true) await all("warm");
    const asked = await all("cell");
    const problems: string[] = [];
    // In a crowd the pool decides which connection each request gets.
    const expected = count === 1 ? fault.expected : { ...fault.expected, attempts: undefined };
    let events: UsageEvent[] = [];
    const isSettled = () => asked.every((a) => events.some((e) => e.clientRequestId === a.id));
    await becomes(async () => {
      events = await gateway.events();
      return isSettled();
    });
    for (const one of asked)
      for (const problem of [judgeAnswer(one, expected), judgeEvents(one, events, fault.expected)])
        if (problem !== null) problems.push(`${one.id}: ${problem}`);
    if (upstream !== null) fault.check?.({ requests: asked.length, asked: upstream.requests.length });
    problems.push(...(await findLeaks(gateway, upstream, () => gateway.serve({ ...gateway.installation.config({}), generation: 2 }))));
    const seen = new Map<string, number>();
    for (const { client } of asked) {
      const text = `${client.status ?? "—"}${codeOf(client) === null ? "" : ` ${codeOf(client)}`}`;
      seen.set(text, (seen.get(text) ?? 0) + 1);
    }
    const times = asked.map((a) => a.tookMs);
    const rssMb = Math.round(process.memoryUsage().rss / 1_048_576);
    return { fault, atOnce: count, problems, seen, medianMs: quantile(times, 0.5), longestMs: quantile(times, 1), rssMb };
  } finally {
    await gateway.remove();
    await place.close();
  }
}
