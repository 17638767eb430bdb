import { describe, expect, it } from "vitest";
import type { PromptVariable } from "@/lib/contracts/prompt";
import { renderRun, toRunBody } from "./render-run";

const variable = (parts: Partial<PromptVariable>): PromptVariable => ({
  name: "topic",
  type: "string",
  required: true,
  default: null,
  description: "",
  ...parts,
});
const messages = [{ role: "system" as const, content: "About {{topic}}, \\{{literally}}." }];

describe("a run's messages", () => {
  it("have the values put in as they are, never read as template again", () => {
    const rendered = renderRun({ messages, variables: [variable({})], given: { topic: "{{topic}} & <b>" } });
    expect(rendered).toEqual({ messages: [{ role: "system", content: "About {{topic}} & <b>, {{literally}}." }], mistakes: [] });
  });

  it("take defaults, numbers and truth values as text", () => {
    const variables = [
      variable({ name: "topic", required: false, default: "tides" }),
      variable({ name: "n", type: "integer" }),
      variable({ name: "yes", type: "boolean" }),
    ];
    const text = [{ role: "user" as const, content: "{{topic}} {{n}} {{yes}}" }];
    expect(renderRun({ messages: text, variables, given: { n: 3, yes: false } }).messages[0]?.content).toBe("tides 3 false");
  });

  it("name every mistake at once, with its place in the body", () => {
    const variables = [variable({}), variable({ name: "n", type: "integer" })];
    const { mistakes } = renderRun({ messages, variables, given: { n: 1.5, "other/~": "x" } });
    expect(mistakes).toEqual([
      { pointer: "/variables/other~1~0", detail: "is unknown; the prompt has topic, n" },
      { pointer: "/variables/topic", detail: "is required" },
      { pointer: "/variables/n", detail: "must be a whole number" },
    ]);
  });
});

describe("a run's request", () => {
  it("is a stream with counted tokens, whatever the parameters say", () => {
    const body = toRunBody({ target: "chat", messages, parameters: { temperature: 0, stream: false, model: "other" } });
    expect(body).toEqual({ temperature: 0, model: "chat", messages, stream: true, stream_options: { include_usage: true } });
  });
});
