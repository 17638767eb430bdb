/** Markers that a Markdown parser pairs up: its work grows with the square of their number. */
const MAX_MARKERS = 1_500;
/** Quotes and lists in one another: a parser's and a page's depth. */
const MAX_DEPTH = 20;
/** Each two spaces may be one list deeper. */
const MAX_INDENT = 60;
/** A block on every line is the dearest text that there is. */
const MAX_LINES = 1_500;

const RULE = /^[-*_\s]+$/;

const isMarker = (code: number) =>
  code === 0x2a || code === 0x5f || code === 0x7e || code === 0x5b || code === 0x5d || code === 0x60 || code === 0x7c || code === 0x40;

/** How many `>`, list signs and numbers a line begins with. */
function depthOf(line: string): number {
  return (/^[\s>*+\-\d.)]*/.exec(line)?.[0] ?? "").replace(/[\s\d.)]+/g, "").length;
}

/**
 * Whether drawing this Markdown costs about as much as its length: text that somebody else wrote must not stop the server for everybody. A
 * person's notes are far from the limits; what is beyond them is shown as plain text.
 */
export function isCheapMarkdown(source: string): boolean {
  let markers = 0;
  for (let i = 0; i < source.length; i++) if (isMarker(source.charCodeAt(i)) && ++markers > MAX_MARKERS) return false;
  const lines = source.split("\n");
  const isFlat = (line: string) => line.search(/\S|$/) <= MAX_INDENT && (RULE.test(line) || depthOf(line) <= MAX_DEPTH);
  return lines.length <= MAX_LINES && lines.every(isFlat);
}
