import { type Agent, request } from "undici";
import { z } from "zod";
import type { LoadConfig } from "./load-config";
import type { ClientOutcome } from "./load-ledger";
import type { LoadRequest } from "./load-request";

/** What came back for one request. */
export type Reply = {
  requestId: string | null;
  /** 0 where no answer came. */
  status: number;
  outcome: ClientOutcome;
  /** Output tokens by the answer's usage; null where it had none. */
  tokens: number | null;
  /** `model` of the answer. */
  model: string | null;
  modelVersion: string | null;
  /** ms to the first content of a stream; null for whole answers and where none came. */
  ttftMs: number | null;
  totalMs: number;
  /** What went wrong, for a person to read; null for complete answers. */
  problem: string | null;
};

const Usage = z.looseObject({ completion_tokens: z.number() }).nullish();
const Whole = z.looseObject({ model: z.string().nullish(), choices: z.array(z.unknown()).min(1), usage: Usage });
const Chunk = z.looseObject({
  model: z.string().nullish(),
  choices: z.array(z.looseObject({ delta: z.looseObject({ content: z.string().nullish() }).nullish() })).nullish(),
  usage: Usage,
  error: z.unknown().optional(),
});

/** Requests under way share an agent; aborting all controllers breaks them off. */
export type Wire = { agent: Agent; controllers: Set<AbortController> };

/** Sends one request and reads its answer to the end; never rejects: what went wrong is the reply's outcome. */
export async function sendRequest(config: LoadConfig, load: LoadRequest, { agent, controllers }: Wire): Promise<Reply> {
  const startedAt = performance.now();
  const reply: Reply = {
    requestId: null,
    status: 0,
    outcome: "failed",
    tokens: null,
    model: null,
    modelVersion: null,
    ttftMs: null,
    totalMs: 0,
    problem: null,
  };
  const controller = new AbortController();
  controllers.add(controller);
  const timer = setTimeout(() => controller.abort(), config.timeoutMs);
  try {
    const response = await request(`${config.gatewayUrl}/v1/chat/completions`, {
      method: "POST",
      dispatcher: agent,
      signal: controller.signal,
      headers: {
        authorization: `Bearer ${load.endpoint.gatewayKey ?? config.gatewayKey}`,
        "content-type": "application/json",
        "x-request-id": `load-${config.seed}-${load.number}`,
        "x-switchyard-subject": load.subject,
      },
      body: JSON.stringify(load.body),
    });
    const { headers } = response;
    reply.status = response.statusCode;
    reply.requestId = headerOf(headers, "x-switchyard-request-id") ?? headerOf(headers, "x-request-id");
    reply.modelVersion = headerOf(headers, "x-switchyard-model-version");
    if (reply.status !== 200) {
      reply.outcome = reply.status >= 400 && reply.status < 500 ? "refused" : "failed";
      reply.problem = `HTTP ${reply.status}: ${(await response.body.text()).slice(0, 300)}`;
    } else if (load.isStreamed) {
      reply.outcome = "cut";
      await readStream(response.body, { reply, startedAt });
    } else {
      reply.outcome = "cut";
      readWhole(await response.body.text(), reply);
    }
  } catch (error) {
    // The outcome that was set last says how far the answer came.
    reply.problem = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : String(error);
  } finally {
    clearTimeout(timer);
    controllers.delete(controller);
  }
  reply.totalMs = performance.now() - startedAt;
  return reply;
}

function readWhole(text: string, reply: Reply): void {
  const parsed = Whole.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error("the answer is not a chat completion");
  reply.model = parsed.data.model ?? null;
  reply.tokens = parsed.data.usage?.completion_tokens ?? null;
  reply.outcome = "complete";
}

async function readStream(body: AsyncIterable<Uint8Array>, { reply, startedAt }: { reply: Reply; startedAt: number }): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  let hasError = false;
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("data:")) continue;
      const data = line.slice(5).trim();
      if (data === "[DONE]") {
        if (!hasError) reply.outcome = "complete";
        continue;
      }
      const chunk = Chunk.parse(JSON.parse(data));
      if (chunk.error) {
        hasError = true;
        reply.problem = JSON.stringify(chunk.error).slice(0, 300);
      }
      if (chunk.choices?.[0]?.delta?.content) reply.ttftMs ??= performance.now() - startedAt;
      reply.model ??= chunk.model ?? null;
      reply.tokens = chunk.usage?.completion_tokens ?? reply.tokens;
    }
  }
}

function headerOf(headers: Record<string, string | string[] | undefined>, name: string): string | null {
  const value = headers[name];
  return typeof value === "string" ? value : null;
}
