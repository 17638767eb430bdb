import { type Document, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";

/** One thing that is wrong in a file. `pointer` is an RFC 6901 JSON pointer into it; "" is the whole of it. */
export interface Mistake {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly pointer: string;
  readonly detail: string;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

export type ReadFile<T> = { readonly value: T; readonly placeOf: (pointer: string) => Place } | { readonly mistakes: readonly Mistake[] };

/** More text than any project has; reading costs memory by the byte. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** How often anchors may be used: a few lines can stand for billions otherwise. */
const MAX_ALIASES = 100;
const MAX_MISTAKES = 100;
const START: Place = { line: 1, column: 1 };

const escapePart = (part: PropertyKey) => String(part).replaceAll("~", "~0").replaceAll("/", "~1");
export const toPointer = (path: readonly PropertyKey[]): string => path.map((part) => `/${escapePart(part)}`).join("");
const fromPointer = (pointer: string) =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));

/** Where a pointer's value begins; of one that is not there, where the nearest thing above it does. */
function findOffset(document: Document, pointer: string, isKey = false): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  const parts = fromPointer(pointer);
  for (const [i, part] of parts.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part);
      if (pair === undefined) return offset;
      const chosen = isKey && i === parts.length - 1 ? pair.key : (pair.value ?? pair.key);
      node = isPair(chosen) ? pair.value : chosen;
    } else if (isSeq(node)) node = node.items[Number(part)];
    else return offset;
    if (isNode(node)) offset = node.range?.[0] ?? offset;
  }
  return offset;
}

interface Found {
  readonly pointer: string;
  readonly detail: string;
  readonly isKey: boolean;
}

type Issue = z.core.$ZodIssue;

function toFound(issue: Issue): Found[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ pointer: toPointer([...issue.path, key]), detail: "is not a known field", isKey: true }));
  if (issue.code === "invalid_key")
    return issue.issues.map((inner) => ({ pointer: toPointer(issue.path), detail: inner.message, isKey: true }));
  if (issue.code === "invalid_union") {
    // Of the forms that it may have, the one that comes nearest.
    const [nearest = []] = [...issue.errors].sort((a, b) => a.length - b.length);
    return nearest.flatMap((inner) => toFound({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  return [{ pointer: toPointer(issue.path), detail: lowerFirst(issue.message), isKey: false }];
}

const lowerFirst = (text: string) => text.replace(/^Invalid input: /, "");

/** PostgreSQL holds no NUL character, UTF-8 no half of a surrogate pair. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;
function findUnstorable(value: unknown, pointer: string): Found[] {
  if (typeof value === "string")
    return UNSTORABLE.test(value) ? [{ pointer, detail: "holds a NUL character or half of a surrogate pair", isKey: false }] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    ...findUnstorable(key, pointer),
    ...findUnstorable(item, `${pointer}/${escapePart(key)}`),
  ]);
}

/** Reads one file strictly: one document, no key twice, no unknown tag, nothing that the schema does not know. All mistakes at once. */
export function readYaml<T>(file: string, bytes: Uint8Array, schema: z.ZodType<T>): ReadFile<T> {
  const only = (detail: string, place = START) => ({ mistakes: [{ file, ...place, pointer: "", detail }] });
  if (bytes.byteLength > MAX_FILE_BYTES) return only(`is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return only("is not valid UTF-8");
  }
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return line === 0 ? START : { line, column: col };
  };
  let document: Document.Parsed;
  let value: unknown;
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true, version: "1.2" });
    const broken = [...document.errors, ...document.warnings];
    if (broken.length > 0)
      return {
        mistakes: broken.slice(0, MAX_MISTAKES).map((e) => ({ file, ...placeAt(e.pos[0]), pointer: "", detail: toSentence(e) })),
      };
    value = document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  } catch (error) {
    // The parser calls itself once a level.
    if (error instanceof RangeError) return only("nests too deep to be read");
    return only(error instanceof Error ? error.message : "cannot be read as YAML");
  }
  const found = (pointer: string, isKey = false) => placeAt(findOffset(document, pointer, isKey));
  const parsed = schema.safeParse(value);
  const mistakes = [...(parsed.success ? [] : parsed.error.issues.flatMap(toFound)), ...findUnstorable(value, "")];
  if (mistakes.length > 0 || !parsed.success)
    return {
      mistakes: mistakes.slice(0, MAX_MISTAKES).map(({ pointer, detail, isKey }) => ({ file, ...found(pointer, isKey), pointer, detail })),
    };
  return { value: parsed.data, placeOf: (pointer) => found(pointer) };
}

const HINTS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this key stands twice",
  MULTIPLE_DOCS: "a file holds one document: take out the second ---",
  TAB_AS_INDENT: "is indented with a tab: YAML wants spaces",
};
const toSentence = ({ code, message }: { code: string; message: string }): string =>
  HINTS[code] ?? (code === "TAG_RESOLVE_FAILED" ? `${message}: tags are not read here` : message.replace(/\s+/g, " "));
