import { Document, isScalar, Scalar, visit } from "yaml";
import { FORMAT, type ModelFile, type PromptFile } from "./shapes";

/** First line of every file that export wrote. Only such files are written over or taken away. */
export const HEADER = "# Kept by `switchyard export`: docs/command.md";
const RULE = "# A version never changes: a change is a new version with the next number.";

export const isOurs = (text: string): boolean => text.replace(/^\uFEFF/, "").startsWith(HEADER);

/**
 * What a block of literal text gives back as it was: no control characters, no line breaks but \n, nothing invisible. At its beginning no
 * white space, which would have to be told from the indentation.
 */
const LITERAL =
  /^(?!\s)[\n\t\x20-\x7E\u00A1-\u1FFF\u2010-\u2027\u2030-\u205E\u2070-\uD7FF\uE000-\uFDFF\uFE10-\uFEFE\uFF00-\uFFFC\u{10000}-\u{10FFFF}]*$/u;

/** Text of several lines stands as it is read; what could come back changed is quoted with escapes. */
function choose(text: string): Scalar.Type | undefined {
  if (text === "") return undefined;
  if (!LITERAL.test(text)) return Scalar.QUOTE_DOUBLE;
  return text.includes("\n") ? Scalar.BLOCK_LITERAL : undefined;
}

/** YAML 1.2 that a 1.1 reader understands alike. The same value always gives the same bytes. */
export function toYaml(value: unknown, comment: string = RULE): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: "yaml-1.1", version: "1.2" });
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && typeof node.value === "string") {
        const type = choose(node.value);
        if (type !== undefined) node.type = type;
      }
    },
  });
  return `${HEADER}\n${comment}\n${document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: 1_000_000 })}`;
}

type Plain = Record<string, unknown>;
const isEmpty = (value: unknown) =>
  value === null || value === undefined || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
/** Without the fields that say nothing: the reader fills them in again. */
const lean = (fields: Plain): Plain => Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
/** Where the empty text is something else than nothing. */
const withoutNull = (fields: Plain): Plain => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/** Free JSON has no order of its own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

const byNumber = (a: { number: number }, b: { number: number }) => a.number - b.number;

export function toFormatFile(): string {
  return toYaml({ format: FORMAT }, "# Prompts and models of a Switchyard project. Read by `switchyard plan` and `switchyard import`.");
}

export function toPromptFile({ description, labels, versions }: PromptFile): string {
  return toYaml(
    lean({
      description,
      labels: sorted(labels),
      versions: [...versions].sort(byNumber).map(({ number, contentHash, note, kind, ...content }) => ({
        number,
        ...lean({ contentHash, note, kind: kind === "chat" ? null : kind }),
        ...lean({
          ...content,
          // A default may be the empty text, which is not the same as none.
          variables: content.variables.map(({ default: fallback, description: what, schema, ...variable }) => ({
            ...variable,
            ...(schema === undefined ? {} : { schema: sorted(schema) }),
            ...(fallback === null ? {} : { default: sorted(fallback) }),
            ...lean({ description: what }),
          })),
          parameters: sorted(content.parameters),
        }),
      })),
    }),
  );
}

export function toModelFile({ description, tags, aliases, versions }: ModelFile): string {
  return toYaml(
    lean({
      description,
      tags,
      aliases: sorted(aliases),
      versions: [...versions].sort(byNumber).map(({ number, digest, state, scores, signature, ...registered }) => ({
        number,
        ...lean({ digest, state }),
        ...lean({
          ...registered,
          architecture: withoutNull(registered.architecture),
          lineage: withoutNull(registered.lineage),
          derivedFrom: registered.derivedFrom === null ? null : withoutNull(registered.derivedFrom),
        }),
        // Either side may be the empty schema, which takes everything.
        ...(signature === null ? {} : { signature: sorted(signature) }),
        ...lean({ scores: sortScores(scores).map(withoutNull) }),
      })),
    }),
  );
}

type Score = ModelFile["versions"][number]["scores"][number];
const scoreText = (s: Score) => [s.measuredAt, s.set, s.metric, s.better, String(s.value), s.unit, s.cases, s.sourceUrl].join("\n");

/** By time, then by everything else that one may differ in: an order that does not depend on when they were added. */
function sortScores(scores: readonly Score[]): Score[] {
  return [...scores].sort((a, b) => (scoreText(a) < scoreText(b) ? -1 : 1));
}
