import { expect, it } from "vitest";
import { readQuestion, splitMasks } from "./content-text";

it("a question is read message by message, with its variables and everything else that a message holds", () => {
  const question = {
    messages: [
      { role: "system", content: "Be kind." },
      {
        role: "user",
        content: [
          { type: "text", text: "Look:" },
          { type: "image_url", image_url: { url: "[data]" } },
        ],
      },
      { role: "assistant", content: null, tool_calls: [{ id: "1" }] },
    ],
    variables: { name: "[email]" },
  };
  const parts = readQuestion(JSON.stringify(question));
  expect(parts.map((part) => part.name)).toEqual(["system", "user", "assistant", "variables"]);
  expect(parts[0]?.text).toBe("Be kind.");
  expect(parts[1]?.text).toMatch(/^Look:\n\{[\s\S]*\[data\]/);
  expect(parts[2]?.text).toContain("tool_calls");
  expect(parts[3]?.text).toContain("[email]");
});

it("a question that was cut, or is no object, is shown as it is", () => {
  for (const text of ['{"messages":[{"role":"us', "[1]", "null"]) expect(readQuestion(text)).toEqual([{ name: null, text }]);
  expect(readQuestion('{"prompt":"Once"}')).toEqual([{ name: "prompt", text: "Once" }]);
});

it("what was struck out is told apart, and nothing is lost", () => {
  expect(splitMasks("[email] or [phone]!")).toEqual([
    { text: "[email]", isMask: true },
    { text: " or ", isMask: false },
    { text: "[phone]", isMask: true },
    { text: "!", isMask: false },
  ]);
  expect(splitMasks("")).toEqual([]);
  expect(splitMasks("[name]")).toEqual([{ text: "[name]", isMask: false }]);
});
