import { expect } from "vitest";
import type { UsageEvent } from "@/lib/contracts/gateway-event";
import { goodScript, type ScriptedUpstream, startScriptedUpstream } from "./scripted-upstream";
import { startTestGateway, type TestGateway } from "./test-gateway";
import { simpleConfig } from "./test-installation";

/** Of the backend: it must never come back to a client. */
export const BACKEND_KEY = "sk-backend-canary-0123456789";

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** The one event that this request left in the spool. */
  readonly event: UsageEvent | undefined;
}

/** A gateway before one scripted backend, with time limits of a few hundred milliseconds. */
export class MisbehaviourBench {
  #generation = 1;
  #clientHasBytes = () => {};

  private constructor(
    readonly upstream: ScriptedUpstream,
    readonly gateway: TestGateway,
  ) {}

  static async open(): Promise<MisbehaviourBench> {
    return new MisbehaviourBench(await startScriptedUpstream(goodScript), await startTestGateway());
  }

  async close(): Promise<void> {
    await this.gateway.remove();
    await this.upstream.close();
  }

  /** Serves a snapshot whose backend lives at this address. */
  async serve(url: string, privateAllowed = true): Promise<void> {
    const { installation } = this.gateway;
    const limits = { connectTimeoutMs: 500, firstByteTimeoutMs: 400, idleTimeoutMs: 300, totalTimeoutMs: 1_200 };
    const config = simpleConfig(installation, url, { ...limits, privateAllowed });
    const backends = config.backends.map((b) => ({ ...b, apiKey: installation.sealBackendKey(b.backendId, BACKEND_KEY) }));
    await this.gateway.serve({ ...config, generation: this.#generation++, backends });
  }

  /** One request, which must leave exactly one event and never show the backend's key. */
  async ask(stream: boolean, more: object = {}): Promise<Answer> {
    const response = await fetch(`${this.gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.gateway.installation.keyText}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hi" }], stream, ...more }),
    });
    const parts: Uint8Array[] = [];
    for await (const part of response.body ?? []) {
      this.#clientHasBytes();
      parts.push(part);
    }
    const text = Buffer.concat(parts).toString("utf8");
    const found = (await this.gateway.events()).filter((e) => e.requestId === response.headers.get("x-request-id"));
    expect(found).toHaveLength(1);
    expect(text).not.toContain(BACKEND_KEY);
    return { status: response.status, text, headers: response.headers, event: found[0] };
  }

  /** Resolves when the client has the first byte of an answer's body: scripts wait for it before they break the rest. */
  untilClientHasBytes(): Promise<void> {
    return new Promise((resolve) => {
      this.#clientHasBytes = resolve;
    });
  }
}

export const errorOf = (answer: Answer) => JSON.parse(answer.text).error;

/** The data of every event of a stream. */
export const dataOf = (text: string) => text.split("\n\n").flatMap((e) => (e.startsWith("data: ") ? [e.slice(6)] : []));
