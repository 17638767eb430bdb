import { describe, expect, it } from "vitest";
import { startPlaygroundRun } from "@/lib/domain/playground/api";
import type { PromptVersion } from "@/lib/domain/prompts/api";
import { isSaved, toDraft, toggleTarget, toRunBodies, toValues, variablesOf } from "./playground-draft";

const source: PromptVersion = {
  id: "prv_1",
  prompt: "support/answer",
  number: 3,
  contentHash: "h",
  kind: "chat",
  text: null,
  variablesSchema: {},
  messages: [{ role: "system", content: "About {{topic}}, {{n}} lines." }],
  variables: [
    { name: "topic", type: "string", required: true, default: null, description: "" },
    { name: "n", type: "integer", required: false, default: 2, description: "" },
  ],
  parameters: { temperature: 0.2, seed: 7 },
  note: "",
  labels: [],
  createdBy: "x",
  createdAt: "2026-01-02T03:04:05Z",
};
const target = (name: string) => ({ kind: "endpoint" as const, name });
const parts = { source, variables: source.variables, environment: "production" };

describe("a playground's draft", () => {
  it("of a version that nobody changed is sent as that version, and as its text once a letter differs", () => {
    const draft = { ...toDraft(source), targets: [target("chat")], values: { topic: "tides" } };
    expect(isSaved(draft, source)).toBe(true);
    expect(toRunBodies(draft, parts)).toEqual([
      {
        environment: "production",
        target: target("chat"),
        content: { kind: "version", prompt: "support/answer", version: 3 },
        variables: { topic: "tides" },
        messages: [],
      },
    ]);
    const changed = { ...draft, temperature: "0.9", question: "And then?" };
    const [body] = toRunBodies(changed, parts);
    expect(body).toMatchObject({
      content: { kind: "draft", parameters: { temperature: 0.9, seed: 7 } },
      messages: [{ role: "user", content: "And then?" }],
    });
    expect(startPlaygroundRun.body.safeParse(body).success).toBe(true);
  });

  it("takes at most four targets: a fifth changes nothing, and one that is taken out makes room", () => {
    const four = ["a", "b", "c", "d"].map(target).reduce(toggleTarget, []);
    expect(toggleTarget(four, target("e"))).toBe(four);
    expect(toggleTarget(toggleTarget(four, target("b")), target("e")).map((t) => t.name)).toEqual(["a", "c", "d", "e"]);
  });

  it("sends values by their type, leaves empty ones to their default, and what is no value to the server", () => {
    const draft = { ...toDraft(source), values: { topic: "7", n: "3", stranger: "x" } };
    expect(toValues(draft, source.variables)).toEqual({ topic: "7", n: 3 });
    expect(toValues({ ...draft, values: { topic: "", n: "many" } }, source.variables)).toEqual({ n: "many" });
  });

  it("keeps what its fields do not show: a variable's schema and a default that is a list", () => {
    const list = { name: "topic", type: "array" as const, required: false, default: ["a"], description: "", schema: { maxItems: 3 } };
    const typed = { ...source, variables: [list] };
    const draft = { ...toDraft(typed), temperature: "1", targets: [target("chat")], values: { topic: '["b"]' } };
    const [body] = toRunBodies(draft, { ...parts, source: typed, variables: typed.variables });
    expect(body).toMatchObject({ content: { kind: "draft" }, variables: { topic: ["b"] } });
    expect(body?.content.kind === "draft" ? body.content.variables?.[0] : null).toEqual(list);
  });

  it("asks for its own variables and for those that come with prompts that it takes in", () => {
    const taken = { name: "tone", type: "string" as const, required: true, default: null, description: "" };
    expect(variablesOf(toDraft(source), [...source.variables, taken]).map((v) => v.name)).toEqual(["topic", "n", "tone"]);
    const shorter = { ...toDraft(source), messages: [{ id: 1, role: "system" as const, content: "About {{topic}} and {{mood}}." }] };
    expect(variablesOf(shorter, source.variables).map((v) => v.name)).toEqual(["topic", "mood"]);
  });

  it("without a version is a draft of its own", () => {
    const draft = { ...toDraft(null), targets: [target("chat")] };
    expect(toRunBodies(draft, { source: null, variables: [], environment: "staging" })[0]).toMatchObject({
      environment: "staging",
      content: { kind: "draft" },
    });
  });
});
