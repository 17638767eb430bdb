import { pino } from "pino";
import { expect, it } from "vitest";
import { goodScript, httpAnswer, startScriptedUpstream } from "./testing/scripted-upstream";
import { startTestGateway } from "./testing/test-gateway";
import { simpleConfig } from "./testing/test-installation";

it("no request, served, failed or refused, writes a line at info or above", async () => {
  const lines: string[] = [];
  const logger = pino({ level: "info" }, { write: (line: string) => void lines.push(line) });
  const upstream = await startScriptedUpstream(goodScript);
  const gateway = await startTestGateway({ logger });
  await gateway.serve(simpleConfig(gateway.installation, upstream.url));
  const before = lines.length;
  // The start is told: what is written does arrive here.
  expect(before).toBeGreaterThan(0);
  const post = async (path: string, body: object, key = gateway.installation.keyText) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    await response.text();
    return response.status;
  };
  const chat = { model: "chat", messages: [{ role: "user", content: "Hi" }] };
  const statuses = [
    await post("/v1/chat/completions", chat),
    await post("/v1/chat/completions", { ...chat, stream: true }),
    await post("/v1/completions", { model: "chat", prompt: "x" }),
    await post("/v1/chat/completions", chat, "sk-sy-nobody-has-this-key"),
    await post("/v1/chat/completions", { ...chat, model: "nowhere" }),
    await post("/nowhere", chat),
  ];
  upstream.play((wire) => wire.write(httpAnswer(400, '{"error":{"message":"no"}}')));
  statuses.push(await post("/v1/chat/completions", chat));
  upstream.play((wire) => wire.reset());
  statuses.push(await post("/v1/chat/completions", chat));
  expect(statuses).toEqual([200, 200, 200, 401, 404, 404, 400, 502]);
  expect(lines.slice(before)).toEqual([]);
  await gateway.remove();
  await upstream.close();
});
