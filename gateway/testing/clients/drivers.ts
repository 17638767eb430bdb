import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI, OpenAI as LangChainOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { embedMany, generateObject, generateText, jsonSchema, streamText, tool } from "ai";
import OpenAI from "openai";

/** How a client is set up for one call. */
export interface Setup {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
  readonly maxRetries: number;
  readonly timeoutMs: number;
  /** Counts what goes over the wire; the clients take it in place of the global one. */
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

export interface Called {
  readonly name: string;
  readonly input: unknown;
}

/** One official client, unchanged, used as its documentation says. What it raises is let through. */
export interface Driver {
  readonly name: string;
  readonly chat: (setup: Setup) => Promise<string>;
  /** The pieces of text, as they came. */
  readonly stream: (setup: Setup, onPiece?: (text: string) => void) => Promise<string[]>;
  readonly callTool: (setup: Setup) => Promise<Called | undefined>;
  readonly streamTool: (setup: Setup) => Promise<Called | undefined>;
  readonly structured: (setup: Setup) => Promise<unknown>;
  readonly embed: (setup: Setup, texts: string[]) => Promise<number[][]>;
  readonly complete: (setup: Setup, prompt: string) => Promise<string>;
  readonly streamCompletion: (setup: Setup, prompt: string) => Promise<string[]>;
}

export const QUESTION = "What is the weather in Seoul?";
export const TOOL = { name: "get_weather", description: "The weather of a city" };
export const TOOL_SCHEMA = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
export const ANSWER_SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, degrees: { type: "number" } },
  required: ["city", "degrees"],
  additionalProperties: false,
};

const messages = [{ role: "user" as const, content: QUESTION }];

function openAi({ baseUrl, apiKey, maxRetries, timeoutMs, fetch }: Setup): OpenAI {
  return new OpenAI({ baseURL: baseUrl, apiKey, maxRetries, timeout: timeoutMs, fetch });
}
const openAiTools = [{ type: "function" as const, function: { ...TOOL, parameters: TOOL_SCHEMA } }];

const openai: Driver = {
  name: "openai",
  async chat(setup) {
    const { model, signal } = setup;
    const answer = await openAi(setup).chat.completions.create({ model, messages }, { signal });
    return answer.choices[0]?.message.content ?? "";
  },
  async stream(setup, onPiece) {
    const { model, signal } = setup;
    const pieces: string[] = [];
    for await (const chunk of await openAi(setup).chat.completions.create({ model, messages, stream: true }, { signal })) {
      const text = chunk.choices[0]?.delta.content ?? "";
      if (text === "") continue;
      pieces.push(text);
      onPiece?.(text);
    }
    return pieces;
  },
  async callTool(setup) {
    const answer = await openAi(setup).chat.completions.create({ model: setup.model, messages, tools: openAiTools });
    const call = answer.choices[0]?.message.tool_calls?.[0];
    return call?.type === "function" ? { name: call.function.name, input: JSON.parse(call.function.arguments) } : undefined;
  },
  async streamTool(setup) {
    const stream = openAi(setup).chat.completions.stream({ model: setup.model, messages, tools: openAiTools });
    const { choices } = await stream.finalChatCompletion();
    const call = choices[0]?.message.tool_calls?.[0];
    return call?.type === "function" ? { name: call.function.name, input: JSON.parse(call.function.arguments) } : undefined;
  },
  async structured(setup) {
    const response_format = { type: "json_schema" as const, json_schema: { name: "weather", strict: true, schema: ANSWER_SCHEMA } };
    const answer = await openAi(setup).chat.completions.create({ model: setup.model, messages, response_format });
    return JSON.parse(answer.choices[0]?.message.content ?? "");
  },
  async embed(setup, texts) {
    const { data } = await openAi(setup).embeddings.create({ model: setup.model, input: texts });
    return data.map((each) => each.embedding);
  },
  async complete(setup, prompt) {
    const answer = await openAi(setup).completions.create({ model: setup.model, prompt });
    return answer.choices[0]?.text ?? "";
  },
  async streamCompletion(setup, prompt) {
    const pieces: string[] = [];
    for await (const chunk of await openAi(setup).completions.create({ model: setup.model, prompt, stream: true }))
      pieces.push(chunk.choices[0]?.text ?? "");
    return pieces;
  },
};

function vercel({ baseUrl, apiKey, fetch }: Setup) {
  return createOpenAICompatible({ name: "switchyard", baseURL: baseUrl, apiKey, fetch, supportsStructuredOutputs: true });
}
const vercelTools = {
  [TOOL.name]: tool({ description: TOOL.description, inputSchema: jsonSchema<{ city: string }>({ ...TOOL_SCHEMA, type: "object" }) }),
};
const toSignal = ({ signal, timeoutMs }: Setup) => AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
/** The stream reports what goes wrong as a part of it; by default it is also printed. */
const onError = () => {};

const ai: Driver = {
  name: "ai",
  async chat(setup) {
    const model = vercel(setup).chatModel(setup.model);
    return (await generateText({ model, prompt: QUESTION, maxRetries: setup.maxRetries, abortSignal: toSignal(setup) })).text;
  },
  async stream(setup, onPiece) {
    const model = vercel(setup).chatModel(setup.model);
    const { fullStream } = streamText({ model, prompt: QUESTION, maxRetries: setup.maxRetries, abortSignal: toSignal(setup), onError });
    const pieces: string[] = [];
    for await (const part of fullStream) {
      if (part.type === "error") throw part.error;
      if (part.type === "abort") throw new DOMException("aborted", "AbortError");
      if (part.type !== "text-delta") continue;
      pieces.push(part.text);
      onPiece?.(part.text);
    }
    return pieces;
  },
  async callTool(setup) {
    const { toolCalls } = await generateText({ model: vercel(setup).chatModel(setup.model), prompt: QUESTION, tools: vercelTools });
    return toolCalls[0] === undefined ? undefined : { name: toolCalls[0].toolName, input: toolCalls[0].input };
  },
  async streamTool(setup) {
    const { toolCalls } = streamText({ model: vercel(setup).chatModel(setup.model), prompt: QUESTION, tools: vercelTools, onError });
    const [call] = await toolCalls;
    return call === undefined ? undefined : { name: call.toolName, input: call.input };
  },
  async structured(setup) {
    const schema = jsonSchema<{ city: string; degrees: number }>({ ...ANSWER_SCHEMA, type: "object" });
    return (await generateObject({ model: vercel(setup).chatModel(setup.model), prompt: QUESTION, schema, schemaName: "weather" })).object;
  },
  async embed(setup, values) {
    return (await embedMany({ model: vercel(setup).embeddingModel(setup.model), values, maxRetries: setup.maxRetries })).embeddings;
  },
  async complete(setup, prompt) {
    return (await generateText({ model: vercel(setup).completionModel(setup.model), prompt, maxRetries: setup.maxRetries })).text;
  },
  async streamCompletion(setup, prompt) {
    const { textStream } = streamText({ model: vercel(setup).completionModel(setup.model), prompt, maxRetries: setup.maxRetries, onError });
    const pieces: string[] = [];
    for await (const text of textStream) pieces.push(text);
    return pieces;
  },
};

function toFields({ baseUrl, apiKey, model, maxRetries, timeoutMs, fetch }: Setup) {
  return { model, apiKey, maxRetries, timeout: timeoutMs, configuration: { baseURL: baseUrl, fetch } };
}
const langChainTools = [{ ...TOOL, schema: TOOL_SCHEMA }];

const langchain: Driver = {
  name: "langchain",
  async chat(setup) {
    return (await new ChatOpenAI(toFields(setup)).invoke(QUESTION, { signal: setup.signal })).text;
  },
  async stream(setup, onPiece) {
    const pieces: string[] = [];
    for await (const chunk of await new ChatOpenAI(toFields(setup)).stream(QUESTION, { signal: setup.signal })) {
      if (chunk.text === "") continue;
      pieces.push(chunk.text);
      onPiece?.(chunk.text);
    }
    return pieces;
  },
  async callTool(setup) {
    const answer = await new ChatOpenAI(toFields(setup)).bindTools(langChainTools).invoke(QUESTION);
    const call = answer.tool_calls?.[0];
    return call === undefined ? undefined : { name: call.name, input: call.args };
  },
  async streamTool(setup) {
    const stream = await new ChatOpenAI(toFields(setup)).bindTools(langChainTools).stream(QUESTION);
    let name = "";
    let args = "";
    for await (const chunk of stream)
      for (const piece of chunk.tool_call_chunks ?? []) {
        name += piece.name ?? "";
        args += piece.args ?? "";
      }
    return name === "" ? undefined : { name, input: JSON.parse(args) };
  },
  async structured(setup) {
    return new ChatOpenAI(toFields(setup)).withStructuredOutput(ANSWER_SCHEMA, { name: "weather", method: "jsonSchema" }).invoke(QUESTION);
  },
  async embed(setup, texts) {
    return new OpenAIEmbeddings(toFields(setup)).embedDocuments(texts);
  },
  async complete(setup, prompt) {
    return new LangChainOpenAI(toFields(setup)).invoke(prompt);
  },
  async streamCompletion(setup, prompt) {
    const pieces: string[] = [];
    for await (const text of await new LangChainOpenAI(toFields(setup)).stream(prompt)) pieces.push(text);
    return pieces;
  },
};

export const DRIVERS: readonly Driver[] = [openai, ai, langchain];
