import { Redis } from "ioredis";
import { expect, it } from "vitest";
import { findFreePorts } from "../process/ports";
import { PromptValkeyServer } from "./prompt-valkey.mjs";

it("the embedded Valkey answers at once: large values and messages too, with the timer of its library stopped", async () => {
  const [port = 0] = await findFreePorts(1);
  const server = await new PromptValkeyServer({ port, host: "127.0.0.1" }).start();
  // Whatever waits for the timer would now wait for ever.
  clearInterval((server as unknown as { timer: NodeJS.Timeout }).timer);
  const [client, other] = [new Redis(port), new Redis(port)];
  try {
    for (const size of [1, 60_000, 3_000_000]) {
      await client.set("value", "x".repeat(size));
      expect(await other.strlen("value")).toBe(size);
      expect((await other.get("value"))?.length).toBe(size);
    }
    await other.subscribe("channel");
    const heard = new Promise((resolve) => other.once("message", (_, text) => resolve(text)));
    await client.publish("channel", "news");
    expect(await heard).toBe("news");
  } finally {
    client.disconnect();
    other.disconnect();
    await server.stop();
  }
});
