import { describe, expect, it } from "vitest";
import { readKept } from "./kept-plan";
import { emptyDraft, withMetric, withTreatment } from "./plan-draft";

const empty = emptyDraft("1", "2");

describe("a draft kept in the browser", () => {
  it("comes back as it was typed, with rows that were added", () => {
    const typed = withMetric(withTreatment({ ...empty, name: "Shorter", segments: ["model"] as never }, ["3"]), "guardrails");
    expect(readKept(JSON.stringify(typed), empty)).toEqual(typed);
  });

  it.each([
    ["nothing", null],
    ["no JSON", "{"],
    ["something else", '"draft"'],
    ["a form of before, with a field less", JSON.stringify({ ...empty, layer: undefined })],
    ["a form of later, with a field more", JSON.stringify({ ...empty, colour: "red" })],
    ["a field of another kind", JSON.stringify({ ...empty, alpha: 5 })],
    ["a group of another form", JSON.stringify({ ...empty, treatments: [{ id: 1 }] })],
    ["no group list", JSON.stringify({ ...empty, treatments: {} })],
    ["null in place of a group", JSON.stringify({ ...empty, control: null })],
  ])("is left alone where it is %s", (_, text) => {
    expect(readKept(text, empty)).toBeNull();
  });
});
