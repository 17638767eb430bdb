import { parseTemplate, TemplateError, templateErrorAt, templateVariables, trimBlanks } from "./template";

/** The prompt that a place `{{> name@label}}` or `{{> name#3}}` takes in. */
export interface Include {
  readonly name: string;
  readonly which: { readonly label: string } | { readonly version: number };
  /** Where the place begins, counted from 1. */
  readonly line: number;
  readonly column: number;
  /** Of the place itself, in UTF-16 units. */
  readonly length: number;
}

/** chunks[0] includes[0] chunks[1] …: always one chunk more than includes. Chunks are template text, not read here. */
export interface Composition {
  readonly chunks: readonly string[];
  readonly includes: readonly Include[];
}

const PART = "[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?";
const REFERENCE = new RegExp(`^(${PART}(?:/${PART})*)(?:@([a-z][a-z0-9-]{0,59})|#([1-9][0-9]{0,8}))$`);

/** Line and column of places that come in order: the text is read once, however many there are. */
function createPlaceFinder(source: string): (offset: number) => { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  let lineEnd = source.indexOf("\n");
  return (offset) => {
    while (lineEnd !== -1 && lineEnd < offset) {
      line++;
      lineStart = lineEnd + 1;
      lineEnd = source.indexOf("\n", lineStart);
    }
    return { line, column: offset - lineStart + 1 };
  };
}

/**
 * Splits a prompt's text at the places where another prompt stands. `\{{>` is plain text, as `\{{` is in a template.
 * @throws TemplateError with line and column of the first place that cannot be read
 */
export function parseComposition(source: string): Composition {
  const chunks: string[] = [];
  const includes: Include[] = [];
  const placeOf = createPlaceFinder(source);
  let start = 0;
  for (const match of source.matchAll(/\{\{[ \t]*>/g)) {
    const open = match.index;
    // A place inside another one's braces, or an escaped one.
    if (open < start || (open > 0 && source[open - 1] === "\\")) continue;
    const close = source.indexOf("}}", open);
    const inside = source.slice(open + match[0].length, close);
    if (close === -1 || inside.includes("\n")) throw templateErrorAt(source, open, "“{{>” is not closed by “}}” on its line");
    const reference = trimBlanks(inside);
    const read = REFERENCE.exec(reference);
    const [, name, label, number] = read ?? [];
    if (name === undefined || name.length > 200) {
      const shown = reference.length > 60 ? `${reference.slice(0, 60)}…` : reference;
      throw templateErrorAt(source, open, `“${shown}” names no prompt: write {{> name@label}} or {{> name#3}}`);
    }
    includes.push({
      name,
      which: label === undefined ? { version: Number(number) } : { label },
      ...placeOf(open),
      length: close + 2 - open,
    });
    chunks.push(source.slice(start, open));
    start = close + 2;
  }
  chunks.push(source.slice(start));
  return { chunks, includes };
}

/** `name@label` or `name#3`. */
export function toReference({ name, which }: Pick<Include, "name" | "which">): string {
  return "label" in which ? `${name}@${which.label}` : `${name}#${which.version}`;
}

/**
 * What a prompt's text names itself: its variables and the prompts that it takes in.
 * @throws TemplateError with line and column of the first mistake
 */
export function readPromptText(source: string): { readonly variables: readonly string[]; readonly includes: readonly Include[] } {
  const { chunks, includes } = parseComposition(source);
  // Blanks of the same length where other prompts stand: mistakes keep their line and column.
  const template = chunks.map((chunk, i) => (i === 0 ? chunk : " ".repeat(includes[i - 1]?.length ?? 0) + chunk)).join("");
  return { variables: templateVariables(parseTemplate(template)), includes };
}

/**
 * The chunks with a text at each place. Braces that meet at a seam would make a place that stands in neither text.
 * @throws TemplateError at the place whose seam is like that
 */
export function joinComposition({ chunks, includes }: Composition, texts: readonly string[]): string {
  let joined = chunks[0] ?? "";
  includes.forEach((include, i) => {
    for (const next of [texts[i] ?? "", chunks[i + 1] ?? ""]) {
      if ((joined.endsWith("{") && next.startsWith("{")) || (joined.endsWith("\\") && next.startsWith("{{")))
        throw new TemplateError(
          `the text of ${toReference(include)} and the text beside it would make braces or an escape that stand in neither; put a space between`,
          include.line,
          include.column,
        );
      joined += next;
    }
  });
  return joined;
}
