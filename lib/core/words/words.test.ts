import { describe, expect, it } from "vitest";
import { en } from "./en";
import { ko } from "./ko";
import { resolveLocale } from "./locale";

type Entry = { path: string; value: string | ((fill: Record<string, string>) => string) };

function entries(node: object, path = ""): Entry[] {
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    const at = path ? `${path}.${key}` : key;
    if (typeof value === "string") return [{ path: at, value }];
    if (typeof value === "function") return [{ path: at, value: value as (fill: Record<string, string>) => string }];
    return typeof value === "object" && value !== null ? entries(value, at) : [];
  });
}

/** The sentence with each placeholder shown as its own name, and the placeholders that were read. */
function render(value: Entry["value"]): { text: string; read: string[] } {
  if (typeof value === "string") return { text: value, read: [] };
  const read = new Set<string>();
  const get = (_: object, key: string | symbol) => {
    read.add(String(key));
    return `⟦${String(key)}⟧`;
  };
  const fill = new Proxy<Record<string, string>>({}, { get });
  return { text: value(fill), read: [...read].sort() };
}

const source = new Map(entries(en).map((e) => [e.path, e.value]));
const korean = new Map(entries(ko).map((e) => [e.path, e.value]));

describe("the catalogue of words", () => {
  it("has the same keys in both languages", () => {
    expect([...korean.keys()].sort()).toEqual([...source.keys()].sort());
  });

  it("has the same placeholders in both, and each of them appears in the sentence", () => {
    for (const [path, value] of source) {
      const a = render(value);
      const b = render(korean.get(path) ?? "");
      expect(b.read, path).toEqual(a.read);
      for (const name of a.read) {
        expect(a.text, path).toContain(`⟦${name}⟧`);
        expect(b.text, path).toContain(`⟦${name}⟧`);
      }
    }
  });

  it("is never empty and uses none of the words that the design bans", () => {
    for (const [path, value] of [...source, ...korean]) {
      const { text } = render(value);
      expect(text.trim(), path).not.toBe("");
      expect(text, path).not.toMatch(/\b(oops|successfully|please|are you sure|invalid input)\b|!/i);
    }
  });

  it("never glues a Korean particle to a placeholder whose last sound is unknown", () => {
    for (const [path, value] of korean) {
      expect(render(value).text, path).not.toMatch(/⟧(은|는|이|가|을|를|와|과|으로|로)(?![가-힣])/);
    }
  });
});

describe("the language of a request", () => {
  it.each([
    ["ko", "en-US", "ko"],
    ["xx", "ko-KR,ko;q=0.9,en;q=0.8", "ko"],
    [undefined, "en;q=0.5, ko;q=0.8", "ko"],
    [undefined, "ko;q=0, en", "en"],
    [undefined, "fr-FR, de", "en"],
    [undefined, null, "en"],
  ] as const)("saved %s with Accept-Language %s answers in %s", (saved, header, expected) => {
    expect(resolveLocale(saved, header)).toBe(expected);
  });
});
