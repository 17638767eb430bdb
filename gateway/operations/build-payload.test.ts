import { describe, expect, it } from "vitest";
import type { PromptVariable } from "@/lib/contracts/prompt";
import { AppError } from "@/lib/core/errors";
import { parseTemplate } from "@/lib/core/template";
import type { FixedField, RuntimeBackend, RuntimeEndpoint, RuntimePrompt, RuntimeRelease, RuntimeVariant } from "../config/runtime-config";
import { chat } from "./chat";
import { completion } from "./completion";
import { embedding } from "./embedding";
import type { Operation } from "./operation";

const backend: RuntimeBackend = {
  id: "bkr_1",
  backendId: "bck_1",
  name: "one",
  kind: "simulated",
  origin: "http://127.0.0.1:1",
  paths: { chat: "/v1/chat/completions", completion: "/v1/completions", embedding: "/v1/embeddings", inference: null },
  simulated: true,
  asksStreams: false,
  healthPath: "/health",
  metrics: null,
  capacity: null,
  servedModel: "served",
  apiKey: null,
  unusable: null,
  allowPrivate: true,
  connectTimeoutMs: 1,
  firstByteTimeoutMs: 1,
  answerTimeoutMs: 1,
  idleTimeoutMs: 1,
  totalTimeoutMs: 1,
};
const variable = (name: string, parts: Partial<PromptVariable> = {}): PromptVariable => ({
  name,
  type: "string",
  required: true,
  default: null,
  description: "",
  ...parts,
});
const prompt = (content: string, variables: PromptVariable[]): RuntimePrompt => ({
  versionId: "prv_1",
  kind: "chat",
  messages: [{ role: "system", template: parseTemplate(content) }],
  variables,
});
const fix = (fields: Readonly<Record<string, unknown>>): Map<string, FixedField> =>
  new Map(Object.entries(fields).map(([name, value]) => [name, { value, json: JSON.stringify(value) }]));
const variantWith = (parts: Partial<RuntimeVariant> = {}): RuntimeVariant => ({
  id: "var_1",
  name: "main",
  modelVersionId: "mdv_1",
  backends: [backend],
  unusable: [],
  balancing: "round_robin",
  weights: [1],
  turns: { next: 0 },
  fallbacks: [],
  maxInputTokens: null,
  prompt: null,
  fixed: new Map(),
  ownFixed: new Map(),
  model: { name: "small", number: 1 },
  price: null,
  headers: [],
  ...parts,
});

interface Case {
  /** A text is sent as it is. */
  body: object | string;
  operation?: Operation;
  variant?: RuntimeVariant;
  known?: string[];
  maxOutputTokens?: number;
}

/** What goes upstream for what a client sent. */
function build({ body, operation = chat, variant = variantWith(), known, maxOutputTokens = 100 }: Case) {
  const release: RuntimeRelease = {
    id: "rel_1",
    number: 1,
    variants: [variant],
    weightsBps: [10_000],
    maxOutputTokens,
    retries: { maxAttempts: 1, repeatsTaken: false },
    cache: null,
    queue: { maxLength: 0, timeoutMs: 1 },
  };
  const endpoint: RuntimeEndpoint = {
    id: "ept_1",
    name: "chat",
    team: null,
    direct: null,
    createdSeconds: 0,
    salt: "s",
    arms: [],
    armOfBucket: new Uint16Array(10_000),
    gate: null,
    variableNames: new Set(known ?? variant.prompt?.variables.map((v) => v.name) ?? []),
    budgets: [],
    limits: null,
    cachePurges: 0,
    capture: null,
  };
  const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const payload = operation.read({ url: operation.api, headers: {}, bytes }).toPayload({ endpoint, release, variant, backend });
  const text = payload.body.toString("utf8");
  return { ...payload, text, sent: JSON.parse(text) };
}

/** The refusal of what a client sent. */
function refusal(what: Case): AppError {
  try {
    build(what);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

const hi = [{ role: "user", content: "Hi" }];

describe("the body that goes upstream", () => {
  it("keeps the caller's fields, names the served model and strips ours", () => {
    const { sent } = build({ body: { model: "chat", messages: hi, temperature: 0.5, top_k: 7, user: "u", switchyard: {} } });
    expect(sent).toEqual({ model: "served", messages: hi, temperature: 0.5, top_k: 7, user: "u", max_tokens: 100 });
  });

  it.each([
    [{}, { max_tokens: 100 }],
    [{ max_tokens: 5 }, { max_tokens: 5 }],
    [{ max_tokens: 5_000 }, { max_tokens: 100 }],
    [{ max_completion_tokens: 7 }, { max_completion_tokens: 7 }],
    [{ max_completion_tokens: 700 }, { max_completion_tokens: 100 }],
    [
      { max_tokens: 5, max_completion_tokens: 700 },
      { max_tokens: 5, max_completion_tokens: 100 },
    ],
    [{ max_tokens: null }, { max_tokens: 100 }],
  ])("puts the release's ceiling on %j", (given, expected) => {
    const { sent } = build({ body: { model: "chat", messages: hi, ...given } });
    expect(sent).toEqual({ model: "served", messages: hi, ...expected });
  });

  it("lets the prompt's and variant's parameters win, below the ceiling", () => {
    const { sent } = build({
      body: { model: "chat", messages: hi, temperature: 1, max_tokens: 9 },
      variant: variantWith({
        fixed: fix({ temperature: 0, max_tokens: 5_000 }),
      }),
    });
    expect(sent).toMatchObject({ temperature: 0, max_tokens: 100 });
  });

  it("sends every field that a prompt may fix, over the caller's", () => {
    const fixed = {
      temperature: 0.1,
      top_p: 0.9,
      max_tokens: 50,
      stop: ["END", "\n\n"],
      seed: 7,
      response_format: { type: "json_schema", json_schema: { name: "verdict", schema: { type: "object" } } },
      tools: [{ type: "function", function: { name: "look_up", parameters: { type: "object" } } }],
    };
    const body = { model: "chat", messages: hi, seed: 1, stop: "x", tools: [], response_format: { type: "text" } };
    expect(build({ body, variant: variantWith({ fixed: fix(fixed) }) }).sent).toEqual({ model: "served", messages: hi, ...fixed });
  });

  it("asks streams for their usage and keeps the caller's other options", () => {
    expect(build({ body: { model: "chat", messages: hi, stream: true } }).sent.stream_options).toEqual({ include_usage: true });
    const { sent } = build({ body: { model: "chat", messages: hi, stream: true, stream_options: { include_usage: false, x: 1 } } });
    expect(sent.stream_options).toEqual({ include_usage: true, x: 1 });
  });

  it("puts the template's messages first and counts the characters of all", () => {
    const variant = variantWith({ prompt: prompt("Be {{tone}}.", [variable("tone")]) });
    const { sent, promptChars } = build({ body: { model: "chat", messages: hi, switchyard: { variables: { tone: "kind" } } }, variant });
    expect(sent.messages).toEqual([{ role: "system", content: "Be kind." }, ...hi]);
    expect(promptChars).toBe("Be kind.".length + "Hi".length);
  });

  it("counts the text of parts, and is content with the template alone", () => {
    const parts = [
      {
        role: "user",
        content: [
          { type: "text", text: "abc" },
          { type: "image_url", image_url: { url: "x" } },
        ],
      },
    ];
    expect(build({ body: { model: "chat", messages: parts } }).promptChars).toBe(3);
    expect(build({ body: { model: "chat" }, variant: variantWith({ prompt: prompt("x", []) }) }).sent.messages).toHaveLength(1);
    expect(refusal({ body: { model: "chat", messages: [] } }).errors[0]?.pointer).toBe("/messages");
  });

  it("puts values in literally, whatever they look like", () => {
    const variant = variantWith({ prompt: prompt("{{a}}", [variable("a")]) });
    const { sent } = build({ body: { model: "chat", switchyard: { variables: { a: '{{b}} "quoted" \n\u2028' } } }, variant });
    expect(sent.messages[0].content).toBe('{{b}} "quoted" \n\u2028');
  });

  it("cannot be made to pollute objects", () => {
    const body = JSON.parse(
      '{"model":"chat","messages":[{"role":"user","content":"x"}],"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    );
    build({ body });
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("refuses nesting that ends a backend's stack", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    expect(refusal({ body: `{"model":"chat","messages":[{"role":"user","content":"x"}],"x":${deep}}` }).detail).toMatch(
      /nested too deeply/,
    );
  });
});

describe("the prompt's variables", () => {
  const typed = variantWith({
    prompt: prompt("{{s}}|{{n}}|{{i}}|{{b}}|{{o}}|{{d}}", [
      variable("s"),
      variable("n", { type: "number" }),
      variable("i", { type: "integer" }),
      variable("b", { type: "boolean" }),
      variable("o", { required: false }),
      variable("d", { default: "fallback" }),
    ]),
  });
  const good = { s: "x", n: 1.5, i: 3, b: false };
  const withVariables = (variables: unknown, variant = typed, known?: string[]) => ({
    body: { model: "chat", switchyard: { variables } },
    variant,
    known,
  });

  it("are written as text", () => {
    expect(build(withVariables(good)).sent.messages[0].content).toBe("x|1.5|3|false||fallback");
  });

  it.each([
    [{ ...good, s: undefined }, "s", "is required"],
    [{ ...good, s: null }, "s", "is required"],
    [{ ...good, s: 1 }, "s", "must be a text"],
    [{ ...good, n: "1" }, "n", "must be a number"],
    [{ ...good, i: 1.5 }, "i", "must be a whole number"],
    [{ ...good, b: "true" }, "b", "must be true or false"],
    [{ ...good, o: {} }, "o", "must be a text"],
    [{ ...good, extra: "1" }, "extra", "is not known"],
    [{ ...good, constructor: "1" }, "constructor", "is not known"],
  ])("of %j are refused naming %s", (variables, name, why) => {
    const error = refusal(withVariables(variables));
    expect(error).toMatchObject({ code: "invalid_request", status: 400 });
    expect(error.detail).toContain(name);
    expect(error.detail).toContain(why);
    expect(error.errors[0]?.pointer).toBe(`/switchyard/variables/${name}`);
  });

  it("are told all at once, each with what is wrong, where their schemas refuse them", () => {
    const variant = variantWith({
      prompt: prompt("{{lang}}{{orders}}{{n}}", [
        variable("lang", { schema: { enum: ["ko", "en"] } }),
        variable("orders", { type: "array", schema: { items: { type: "object", required: ["id"] } } }),
        variable("n", { type: "integer" }),
      ]),
    });
    const ask = (variables: object) => ({ variant, body: { model: "chat", messages: hi, switchyard: { variables } } });
    const { sent } = build(ask({ lang: "ko", orders: [{ id: "가" }], n: 1 }));
    expect(sent.messages[0].content).toBe('ko[{"id":"가"}]1');
    const error = refusal(ask({ lang: "fr", orders: [{ id: 1 }, {}], more: 1 }));
    expect(error.errors.map((e) => e.pointer)).toEqual(["more", "lang", "orders", "n"].map((name) => `/switchyard/variables/${name}`));
    expect(error.detail).toBe(
      'Variable “more” is not known to this endpoint\'s prompt. Variable “lang” must be one of "ko", "en". ' +
        "Variable “orders” does not fit at /1: it must have the field “id”. Variable “n” is required.",
    );
  });

  it("fill a text prompt, which is one user message in a chat", () => {
    const variant = variantWith({
      prompt: {
        versionId: "prv_1",
        kind: "text",
        messages: [{ role: "user", template: parseTemplate("Sum up {{it}}") }],
        variables: [variable("it")],
      },
    });
    const { sent } = build({ variant, body: { model: "chat", messages: hi, switchyard: { variables: { it: "this" } } } });
    expect(sent.messages).toEqual([{ role: "user", content: "Sum up this" }, ...hi]);
  });

  it("of the endpoint's other prompt versions are accepted, so that callers can prepare for a rollout", () => {
    expect(build(withVariables({ ...good, next: "1" }, typed, ["s", "n", "i", "b", "o", "d", "next"])).sent.messages).toHaveLength(1);
  });

  it.each([[{ vars: {} }], [{ variables: [] }], [{ variables: "x" }], ["x"]])("of shape %j are refused", (switchyard) => {
    expect(refusal({ body: { model: "chat", messages: hi, switchyard } }).status).toBe(400);
  });
});

describe("a chat body", () => {
  it.each([
    ["a string", "model"],
    [{ messages: hi }, "model"],
    [{ model: "", messages: hi }, "model"],
    [{ model: 5, messages: hi }, "model"],
    [{ model: "chat", messages: "Hi" }, "messages"],
    [{ model: "chat", messages: ["Hi"] }, "messages.0"],
    [{ model: "chat", messages: [{ content: "x" }] }, "messages.0.role"],
    [{ model: "chat", messages: [{ role: "user", content: 5 }] }, "messages.0.content"],
    [{ model: "chat", messages: hi, stream: "yes" }, "stream"],
    [{ model: "chat", messages: hi, max_tokens: 0 }, "max_tokens"],
    [{ model: "chat", messages: hi, max_tokens: 1.5 }, "max_tokens"],
    [{ model: "chat", messages: hi, n: 1_000 }, "n"],
    [{ model: "chat", messages: hi, temperature: "hot" }, "temperature"],
    [{ model: "chat", messages: hi, temperature: 3 }, "temperature"],
    [{ model: "chat", messages: hi, stop: [1] }, "stop"],
    [{ model: "chat", messages: hi, user: "x".repeat(2_000) }, "user"],
    [{ model: "chat", messages: hi, stream: true, stream_options: { include_usage: 1 } }, "stream_options.include_usage"],
  ])("of %j is refused with 400 naming %s", (body, field) => {
    const error = refusal({ body: typeof body === "string" ? JSON.stringify(body) : body });
    expect(error.status).toBe(400);
    if (typeof body === "object") expect(error.errors[0]?.pointer).toBe(`/${field.replaceAll(".", "/")}`);
  });

  it("may carry null for what is absent, and fields that we do not know", () => {
    const body = { model: "chat", messages: hi, stream: null, user: null, guided_json: {}, top_k: 3 };
    expect(build({ body }).sent).toEqual({ ...body, model: "served", max_tokens: 100 });
  });
});

describe("the bytes of the caller", () => {
  it("reach the backend as they are, in their order, but for what must change", () => {
    const body =
      '{ "z":1.0,"seed":9007199254740993, "messages" : [ {"content":"\\u00e9\\/","role":"user","id":12345678901234567890,"id":2} ],' +
      '\t"model":"chat","tools":[{"type":"function","function":{"name":"f","parameters":{"b":1e400,"a":-0}}}],"n":2,"max_tokens":7}';
    expect(build({ body }).text).toBe(body.replace('"chat"', '"served"'));
  });

  it("stay around the prompt's messages and the usage that a stream is asked for", () => {
    const variant = variantWith({ prompt: prompt("Be kind.", []) });
    const body =
      '{"stream":true,"messages":[{"role":"user","content":"\\u00e9","x":10000000000000001}],"model":"chat","max_tokens":7,' +
      '"stream_options":{"x":10000000000000001,"include_usage":false}}';
    expect(build({ body, variant }).text).toBe(
      '{"stream":true,"messages":[{"role":"system","content":"Be kind."},{"role":"user","content":"\\u00e9","x":10000000000000001}],' +
        '"model":"served","max_tokens":7,"stream_options":{"x":10000000000000001,"include_usage":true}}',
    );
  });

  it("cannot say one thing here and another to the backend", () => {
    const body = '{"max_tokens":5000,"model":"other","messages":[{"role":"user","content":"x"}],"max_tokens":5,"mod\\u0065l":"chat"}';
    expect(build({ body }).text).toBe('{"messages":[{"role":"user","content":"x"}],"max_tokens":5,"mod\\u0065l":"served"}');
  });
});

describe("a completion", () => {
  const ask = (fields: object, parts: Partial<Case> = {}) => build({ operation: completion, body: { model: "chat", ...fields }, ...parts });

  it.each([
    ["abcd", 4, 0, 1],
    [["ab", "c"], 3, 0, 2],
    [[1, 2, 3], 0, 3, 1],
    [[[1, 2], [3]], 0, 3, 2],
  ])("of %j counts its prompt and asks the release's ceiling for each answer", (prompt, promptChars, promptTokens, count) => {
    const payload = ask({ prompt, n: 2, best_of: 3 });
    expect(payload).toMatchObject({ path: "/v1/completions", promptChars, promptTokens, maxAnswerTokens: 100 * 3 * count });
    expect(payload.sent).toEqual({ model: "served", prompt, n: 2, best_of: 3, max_tokens: 100 });
  });

  it.each([[undefined], [[]], [5], [[{}]], [["a", 1]], [[[1, "a"]]]])("without a prompt that can be read is refused: %j", (prompt) => {
    const error = refusal({ operation: completion, body: { model: "chat", prompt } });
    expect(error.status).toBe(400);
    expect(error.errors[0]?.pointer).toMatch(/^\/prompt/);
  });

  it.each([
    [undefined, "Say hi to Kim: "],
    ["now", "Say hi to Kim: now"],
    [
      ["one", "two"],
      ["Say hi to Kim: one", "Say hi to Kim: two"],
    ],
  ])("has the release's text prompt before the caller's %j", (given, expected) => {
    const variant = variantWith({ prompt: { ...prompt("Say hi to {{who}}: ", [variable("who")]), kind: "text" } });
    const body = { model: "chat", prompt: given, switchyard: { variables: { who: "Kim" } } };
    const { sent, promptChars } = build({ operation: completion, variant, body });
    expect(sent.prompt).toEqual(expected);
    expect(promptChars).toBe([expected].flat().join("").length);
  });

  it.each([[[1, 2, 3]], [[]], [[[1]]], [7]])("cannot have a text put before %j", (given) => {
    const variant = variantWith({ prompt: { ...prompt("Hi", []), kind: "text" } });
    const error = refusal({ operation: completion, variant, body: { model: "chat", prompt: given } });
    expect(error).toMatchObject({ code: "invalid_request", errors: [{ pointer: "/prompt" }] });
  });

  it("is refused where the release has a prompt of chat messages", () => {
    const variant = variantWith({ prompt: prompt("Be kind.", []) });
    expect(refusal({ operation: completion, body: { model: "chat", prompt: "x" }, variant }).detail).toContain("/v1/chat/completions");
  });
});

describe("embeddings", () => {
  it("go through untouched: nothing limits what is not generated", () => {
    const body = '{"input":["a","b"],"model":"chat","encoding_format":"base64","dimensions":8,"user":"u"}';
    const payload = build({ operation: embedding, body });
    expect(payload.text).toBe(body.replace('"chat"', '"served"'));
    expect(payload).toMatchObject({ path: "/v1/embeddings", promptChars: 2, promptTokens: 0, maxAnswerTokens: 0 });
  });

  it("are neither streamed nor made with a prompt", () => {
    expect(refusal({ operation: embedding, body: { model: "chat", input: "x", stream: true } }).errors[0]?.pointer).toBe("/stream");
    const variant = variantWith({ prompt: prompt("Be kind.", []) });
    expect(refusal({ operation: embedding, body: { model: "chat", input: "x" }, variant }).status).toBe(400);
  });

  it.each([1, 5_000])("of %i vectors are read for their usage alone, and never half of them taken for all", (count) => {
    const data = Array.from({ length: count }, (_, index) => ({ object: "embedding", index, embedding: [0.25, -1] }));
    const read = (text: string) => {
      const meter = embedding.createMeter();
      const refusal = embedding.readWhole({ bytes: Buffer.from(text), contentType: "application/json" }, meter);
      return { refusal, ...meter.count({ promptChars: 4, promptTokens: 0 }, false) };
    };
    const whole = JSON.stringify({ object: "list", data, model: "é", usage: { prompt_tokens: 7, total_tokens: 7 } });
    expect(read(whole)).toMatchObject({ refusal: null, inputTokens: 7, outputTokens: 0, estimated: false });
    expect(read(JSON.stringify({ data }))).toMatchObject({ refusal: null, inputTokens: 1, estimated: true });
    expect(() => read(whole.slice(0, -40))).toThrow(/broke off/);
    expect(read(JSON.stringify({ error: { message: "no" }, pad: "x".repeat(70_000) })).refusal).toMatchObject({ error: { message: "no" } });
  });
});
