import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { startTestGateway } from "./testing/test-gateway";

const ROW = /^\| ((?:`[a-z_]+`(?:, )?)+) \| (?:counter|gauge|histogram) \|/;

it("docs/monitoring.md names every metric of a gateway, and no other", async () => {
  const page = readFileSync("docs/monitoring.md", "utf8");
  const named = page.split("\n").flatMap((line) => (ROW.exec(line)?.[1] ?? "").match(/[a-z_]+/g) ?? []);
  const url = "http://127.0.0.1:1/v1/traces";
  const sampling = { sampler: "always_off", ratio: 0 } as const;
  const gateway = await startTestGateway({
    tracing: { url, headers: {}, ...sampling, resource: {}, delayMs: 1_000, timeoutMs: 1_000 },
  });
  try {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const exposed = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = ""]) => name);
    expect(named.sort()).toEqual(exposed.filter((name) => !/^(?:process|nodejs)_/.test(name)).sort());
  } finally {
    await gateway.remove();
  }
});
