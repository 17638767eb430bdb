import { vi } from "vitest";
import type { GatewayBudget, GatewayConfig } from "@/lib/contracts/gateway-config";
import { FakeLeases } from "../fake-leases";
import { goodScript, type ScriptedUpstream, startScriptedUpstream } from "../scripted-upstream";
import { startTestGateway, type TestGateway } from "../test-gateway";
import { TEST_PROJECT_ID, testBackend, testEndpoint, testRelease, testVariant } from "../test-installation";
import type { Setup } from "./drivers";

/** A gateway before a scripted backend, with one endpoint `chat`, and one `broke` whose budget is used up. */
export interface ClientStage {
  readonly upstream: ScriptedUpstream;
  readonly gateway: TestGateway;
  /** Sets a client up; `sent` counts the requests that it makes. */
  setup(parts?: Partial<Setup>): Setup & { readonly sent: () => number };
  /** The same backend as one that the gateway has not heard of: what went before is not held against it. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

function createSetup(gateway: TestGateway, parts: Partial<Setup>): ReturnType<ClientStage["setup"]> {
  let count = 0;
  return {
    baseUrl: `${gateway.url}/v1`,
    apiKey: gateway.installation.keyText,
    model: "chat",
    maxRetries: 1,
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    fetch(input, init) {
      count++;
      return fetch(input, init);
    },
    ...parts,
    sent: () => count,
  };
}

function createConfig(gateway: TestGateway, backendUrl: string, generation: number): GatewayConfig {
  const server = testBackend(backendUrl, { kind: "vllm" });
  // One call a request: what is repeated in these tests, the client repeats.
  const release = (number: number) => testRelease(number, [testVariant([server.id])], { calls: { maxAttempts: 1 } });
  const broke = testEndpoint("broke", [release(2)]);
  const budget: GatewayBudget = {
    id: "bud_used_up",
    name: "pilot",
    projectId: TEST_PROJECT_ID,
    endpointId: broke.id,
    environment: null,
    allowsUnknown: false,
  };
  const endpoints = [testEndpoint("chat", [release(1)]), broke];
  return gateway.installation.config({ generation, backends: [server], endpoints, budgets: [budget] });
}

export async function openClientStage(redisUrl: string): Promise<ClientStage> {
  const upstream = await startScriptedUpstream(goodScript);
  const leases = new FakeLeases(redisUrl, { limit: 0n });
  const gateway = await startTestGateway({ redisUrl });
  let generation = 1;
  await gateway.serve(createConfig(gateway, upstream.url, generation));
  await vi.waitFor(async () => {
    const headers = { authorization: `Bearer ${gateway.installation.keyText}`, "content-type": "application/json" };
    const body = JSON.stringify({ model: "broke", messages: [{ role: "user", content: "x" }] });
    const { status } = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers, body });
    if (status !== 402) throw new Error(`the budget is not known to be used up yet: ${status}`);
  }, 25_000);
  return {
    upstream,
    gateway,
    setup: (parts = {}) => createSetup(gateway, parts),
    renew: () => gateway.serve(createConfig(gateway, upstream.url, ++generation)),
    async close() {
      await gateway.remove();
      await leases.close();
      await upstream.close();
    },
  };
}
