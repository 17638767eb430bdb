/**
 * How long an application waits for a labelled prompt of a gateway: GET /v1/prompts/{name}?label=, one request after the other over one
 * connection on this machine, the client's own time included. 500 prompts of 3 KB are in the snapshot.
 */
import { Pool } from "undici";
import { startTestGateway } from "@/gateway/testing/test-gateway";
import { createTestInstallation, TEST_PROJECT_ID } from "@/gateway/testing/test-installation";

const ROUNDS = 20_000;
const installation = createTestInstallation();
const content = (text: string) => ({
  kind: "chat" as const,
  contentHash: "a".repeat(64),
  messages: [{ role: "system" as const, content: text }],
  variables: [],
  parameters: {},
  includes: [],
});
const config = installation.config({
  labelledPrompts: Array.from({ length: 500 }, (_, i) => ({
    projectId: TEST_PROJECT_ID,
    name: `folder/prompt-${i}`,
    number: 1,
    labels: ["production"],
    content: content("Answer briefly. ".repeat(190)),
    problem: null,
  })),
});

const gateway = await startTestGateway({ installation, config });
const pool = new Pool(gateway.url, { connections: 1 });
const ask = async (i: number, headers: Record<string, string> = {}) => {
  const path = `/v1/prompts/folder%2Fprompt-${i % 500}?label=production`;
  const answer = await pool.request({ path, method: "GET", headers: { authorization: `Bearer ${installation.keyText}`, ...headers } });
  await answer.body.dump();
  return { status: answer.statusCode, etag: String(answer.headers.etag) };
};
const { etag } = await ask(0);

for (const [figure, headers, status, spread] of [
  ["prompts.fetch_ms", {}, 200, 500],
  ["prompts.fetch_unchanged_ms", { "if-none-match": etag }, 304, 1],
] as const) {
  for (let i = 0; i < 2_000; i++) await ask(i % spread, headers);
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const before = performance.now();
    const answer = await ask(i % spread, headers);
    times.push(performance.now() - before);
    if (answer.status !== status) throw new Error(`status ${answer.status} instead of ${status}`);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => Number((times[Math.floor(times.length * share)] ?? Number.NaN).toFixed(3));
  process.stdout.write(`${JSON.stringify({ figure: `${figure.replace("_ms", "_p50_ms")}`, value: at(0.5), unit: "ms" })}\n`);
  process.stdout.write(`${JSON.stringify({ figure: `${figure.replace("_ms", "_p95_ms")}`, value: at(0.95), unit: "ms" })}\n`);
}
await pool.close();
await gateway.remove();
