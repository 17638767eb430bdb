import { deltaEvent, goodScript, httpAnswer, httpChunk, type Script, SSE_HEAD, sse, startScriptedUpstream } from "../scripted-upstream";
import { type Behaviour, both, complete, type Fault, gone, type Place } from "./fault";
import type { RawClient } from "./raw-client";

const always = (script: Script) => () => script;
const dripping: Script = async (wire) => {
  wire.write(SSE_HEAD);
  while (!wire.socket.destroyed) {
    wire.write(httpChunk(sse(deltaEvent("a"))));
    await wire.sleep(10);
  }
};
/** As fast as the connection takes it. */
const gushing: Script = async (wire) => {
  wire.write(SSE_HEAD);
  const event = httpChunk(sse(deltaEvent("x".repeat(60_000))));
  while (!wire.socket.destroyed)
    if (!wire.socket.write(event)) await Promise.race([new Promise((resolve) => wire.socket.once("drain", resolve)), wire.closed()]);
};
const hasBody = (text: string) => text.includes("data: ");

const leaveLater = async (client: RawClient) => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  client.leave();
};
const leaveMidway = async (client: RawClient) => {
  await client.until(hasBody);
  client.leave();
};
const leaveAfterEnd = async (client: RawClient) => {
  await client.until((text) => text.includes("[DONE]") || text.includes('"usage"'));
  client.leave();
};
const readNothing: Behaviour = async (client, untilSettled) => {
  client.stopReading();
  await untilSettled();
  client.leave();
};
const halfClose = async (client: RawClient) => {
  client.halfClose();
  await client.end;
};

async function placeBrokenBesideGood(): Promise<Place> {
  const [bad, good] = [
    await startScriptedUpstream((wire) =>
      wire.write(
        wire.request.path === "/health" ? httpAnswer(200, "{}") : httpAnswer(500, JSON.stringify({ error: { message: "broken" } })),
      ),
    ),
    await startScriptedUpstream(goodScript),
  ];
  return { urls: [bad.url, good.url], close: async () => void (await Promise.all([bad.close(), good.close()])) };
}

/** Rows 28 to 30 and 32: the client, and health routes that say nothing. Row 31 is asked in another way, row 33 with a clock of its own. */
export const CLIENT_FAULTS: readonly Fault[] = [
  { row: 28, name: "the client stops reading", streamed: true, script: always(gushing), client: readNothing, expected: gone },
  ...both({ row: 29, name: "the client leaves before the head", script: always(() => {}), client: leaveLater }, gone),
  { row: 29, name: "the client leaves in the middle", streamed: true, script: always(dripping), client: leaveMidway, expected: gone },
  ...both(
    { row: 29, name: "the client leaves after the end", script: always(goodScript), client: leaveAfterEnd },
    { status: 200, codes: null, outcome: "complete" },
  ),
  // Whoever closes a connection sends just this, so it counts as leaving: work for nobody would else go on until its end.
  ...both({ row: 30, name: "the client ends its side after the request", script: always(() => {}), client: halfClose }, gone),
  ...both(
    {
      row: 32,
      name: "healthy on its health route, broken on completions, another backend is there",
      place: placeBrokenBesideGood,
      limits: { maxAttempts: 2 },
    },
    complete(),
  ),
];
