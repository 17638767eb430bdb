/**
 * Prompt templates: text with `{{name}}` places. Logic-less on purpose: no expression, filter or loop exists, values are inserted as they
 * are and never read as template again; other prompts are taken in before (see composition.ts). `\{{` writes two literal braces; a single `{` or a lone `}}` is plain text.
 * Spaces and tabs around the name are allowed; a name is a letter or `_`, then letters, digits or `_`, at most 64 characters.
 */
export interface Template {
  /** literals[0] names[0] literals[1] names[1] … literals[n]: always one literal more than names. */
  readonly literals: readonly string[];
  readonly names: readonly string[];
}

/** Where a template cannot be read. `line` and `column` count from 1; the column counts UTF-16 units. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  constructor(
    readonly reason: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(`line ${line}, column ${column}: ${reason}`);
  }
}

export const MAX_VARIABLE_NAME_LENGTH = 64;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether the text can be the name of a variable. */
export function isVariableName(text: string): boolean {
  return text.length <= MAX_VARIABLE_NAME_LENGTH && NAME.test(text);
}

/** The error that names the place of an offset. */
export function templateErrorAt(source: string, offset: number, reason: string): TemplateError {
  const before = source.slice(0, offset);
  const line = before.split("\n").length;
  return new TemplateError(reason, line, offset - before.lastIndexOf("\n"));
}

const HINT = "For plain braces write \\{{";

const isBlank = (code: number) => code === 0x20 || code === 0x09;

/** Without the spaces and tabs at both ends. A pattern for those at the end takes the square of a long run of them in the middle. */
export function trimBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function readName(source: string, open: number): { name: string; end: number } {
  const close = source.indexOf("}}", open + 2);
  const inside = source.slice(open + 2, close);
  if (close === -1 || inside.includes("\n")) throw templateErrorAt(source, open, `“{{” is not closed by “}}” on its line. ${HINT}`);
  const name = trimBlanks(inside);
  if (name === "") throw templateErrorAt(source, open, `“{{}}” names no variable. ${HINT}`);
  if (!isVariableName(name)) {
    const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
    throw templateErrorAt(
      source,
      open + 2 + inside.indexOf(name),
      `“${shown}” is not a variable name (letters, digits and _, not starting with a digit, at most 64)`,
    );
  }
  return { name, end: close + 2 };
}

/** @throws TemplateError with line and column of the first mistake */
export function parseTemplate(source: string): Template {
  const literals: string[] = [];
  const names: string[] = [];
  let literal = "";
  let at = 0;
  for (;;) {
    const open = source.indexOf("{{", at);
    if (open === -1) {
      literals.push(literal + source.slice(at));
      return { literals, names };
    }
    if (open > at && source[open - 1] === "\\") {
      literal += `${source.slice(at, open - 1)}{{`;
      at = open + 2;
      continue;
    }
    const { name, end } = readName(source, open);
    literals.push(literal + source.slice(at, open));
    names.push(name);
    literal = "";
    at = end;
  }
}

/** Every value is put in as it is. @throws RangeError when a variable has no value: callers check before (see fillVariables in the gateway). */
export function renderTemplate(template: Template, values: ReadonlyMap<string, string>): string {
  let text = template.literals[0] ?? "";
  for (let i = 0; i < template.names.length; i++) {
    const value = values.get(template.names[i] ?? "");
    if (value === undefined) throw new RangeError(`no value for variable ${template.names[i]}`);
    text += value + (template.literals[i + 1] ?? "");
  }
  return text;
}

/** Where a variable is used first; null where it is not. @throws TemplateError */
export function findPlace(source: string, name: string): { readonly line: number; readonly column: number } | null {
  let at = 0;
  for (;;) {
    const open = source.indexOf("{{", at);
    if (open === -1) return null;
    at = open + 2;
    if (open > 0 && source[open - 1] === "\\") continue;
    const close = source.indexOf("}}", at);
    if (close === -1 || trimBlanks(source.slice(at, close)) !== name) continue;
    const { line, column } = templateErrorAt(source, open, "");
    return { line, column };
  }
}

/** Names used, each once, in order of first use. */
export function templateVariables(template: Template): readonly string[] {
  return [...new Set(template.names)];
}
