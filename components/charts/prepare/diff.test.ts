import { describe, expect, it } from "vitest";
import { fc } from "@/test/property";
import { type DiffRow, prepareDiff } from "./diff";

const v23 = [
  "You are the support assistant of {{shop_name}}.",
  "Answer as completely as possible.",
  "Use only what these policies say: {{policies}}",
  "Do not mention competitors.",
].join("\n");
const v24 = [
  "You are the support assistant of {{shop_name}}.",
  "Answer in at most five sentences.",
  "Use only what these policies say: {{policies}}",
  "If the policies do not answer the question, say so and offer a person.",
  "Do not promise refunds, dates or amounts.",
].join("\n");

const marked = (row: DiffRow | undefined, side: "before" | "after") =>
  (row?.[side]?.segments ?? []).filter((segment) => segment.isChanged).map((segment) => segment.text);
const text = (row: DiffRow, side: "before" | "after") => row[side]?.segments.map((segment) => segment.text).join("");

describe("a prompt's difference", () => {
  const diff = prepareDiff(v23, v24);
  it("pairs changed lines by what they share and leaves a new line alone", () => {
    expect(diff.rows.map((row) => row.kind)).toEqual(["same", "changed", "same", "added", "changed"]);
    expect(diff).toMatchObject({ changed: 2, added: 1, removed: 0 });
  });

  it("marks words, with the spaces between them", () => {
    expect(marked(diff.rows[1], "before")).toEqual(["as completely as possible"]);
    expect(marked(diff.rows[1], "after")).toEqual(["in at most five sentences"]);
  });

  it("keeps the line numbers of both sides", () => {
    expect(diff.rows.map((row) => [row.before?.number ?? null, row.after?.number ?? null])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [null, 4],
      [4, 5],
    ]);
  });

  it("knows a variable, also in Korean text", () => {
    const [row] = prepareDiff("{{order}} 와 {{policy}} 에 있는 사실만 씁니다.", "{{order}} 에 있는 사실만 씁니다.").rows;
    expect(row?.before?.segments.filter((segment) => segment.isVariable).map((segment) => segment.text)).toEqual([
      "{{order}}",
      "{{policy}}",
    ]);
    expect(marked(row, "before").join("")).toBe("와 {{policy}} ");
  });

  it("of a text with itself is all the same, and of nothing is nothing", () => {
    expect(prepareDiff(v24, v24).rows.every((row) => row.kind === "same")).toBe(true);
    expect(prepareDiff("", "").rows).toEqual([]);
  });

  it("loses no character of either side", () => {
    const prompt = fc
      .array(
        fc.string({ maxLength: 12 }).map((line) => line.replaceAll("\n", " ")),
        { maxLength: 8 },
      )
      .map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(prompt, prompt, (before, after) => {
        const { rows } = prepareDiff(before, after);
        expect(
          rows
            .filter((row) => row.before)
            .map((row) => text(row, "before"))
            .join("\n"),
        ).toBe(before);
        expect(
          rows
            .filter((row) => row.after)
            .map((row) => text(row, "after"))
            .join("\n"),
        ).toBe(after);
      }),
    );
  });
});
