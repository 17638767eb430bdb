/** A piece of a line: changed or not, and whether it is a prompt variable like `{{shop_name}}`. */
export type Segment = { text: string; isChanged: boolean; isVariable: boolean };
export type DiffSide = { number: number; segments: Segment[] };
export type DiffRow =
  | { kind: "same"; before: DiffSide; after: DiffSide }
  | { kind: "changed"; before: DiffSide; after: DiffSide }
  | { kind: "removed"; before: DiffSide; after: null }
  | { kind: "added"; before: null; after: DiffSide };

export type LineDiff = { rows: DiffRow[]; changed: number; added: number; removed: number };

const tokenPattern = /\{\{[^{}]*\}\}|\s+|\p{N}+(?:[.,]\p{N}+)+|[\p{L}\p{N}_]+|[^\s]/gu;
const isVariable = (token: string) => /^\{\{[^{}]*\}\}$/.test(token);
const tokensOf = (line: string): string[] => line.match(tokenPattern) ?? [];

/** Line by line, changed lines paired by what they share, and words marked inside each pair. */
export function prepareDiff(
  before: string,
  after: string,
  firstLine: { before: number; after: number } = { before: 1, after: 1 },
): LineDiff {
  const a = before === "" ? [] : before.split("\n");
  const b = after === "" ? [] : after.split("\n");
  const rows: DiffRow[] = [];
  let removed: { text: string; number: number }[] = [];
  let added: { text: string; number: number }[] = [];
  let atBefore = firstLine.before;
  let atAfter = firstLine.after;
  const flush = () => {
    rows.push(...pairLines(removed, added));
    removed = [];
    added = [];
  };
  for (const [kind, text] of editScript(a, b)) {
    if (kind === "same") {
      flush();
      rows.push({ kind: "same", before: plainSide(text, atBefore), after: plainSide(text, atAfter) });
    }
    if (kind === "removed") removed.push({ text, number: atBefore });
    if (kind === "added") added.push({ text, number: atAfter });
    if (kind !== "added") atBefore += 1;
    if (kind !== "removed") atAfter += 1;
  }
  flush();
  const count = (kind: DiffRow["kind"]) => rows.filter((row) => row.kind === kind).length;
  return { rows, changed: count("changed"), added: count("added"), removed: count("removed") };
}

function plainSide(text: string, number: number, isChanged = false): DiffSide {
  return { number, segments: joinSegments(tokensOf(text).map((token) => ({ text: token, isChanged, isVariable: isVariable(token) }))) };
}

type Edit = ["same" | "removed" | "added", string];

/** Longest common subsequence, with what both ends share taken off first. */
function editScript(a: readonly string[], b: readonly string[]): Edit[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const same = (text: string): Edit => ["same", text];
  return [
    ...a.slice(0, head).map(same),
    ...middleScript(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

// Past this many comparisons the middle is shown as replaced: honest, and the page stays quick.
const mostCells = 4_000_000;

function middleScript(a: readonly string[], b: readonly string[]): Edit[] {
  if (a.length * b.length > mostCells) return [...a.map((text): Edit => ["removed", text]), ...b.map((text): Edit => ["added", text])];
  const steps = align(a.length, b.length, (i, j) => (a[i] === b[j] ? 1 : 0));
  return steps.map(({ left, right }): Edit => {
    if (right === null) return ["removed", a[left ?? 0] ?? ""];
    return [left === null ? "added" : "same", b[right] ?? ""];
  });
}

type Step = { left: number | null; right: number | null };

/** The alignment of two sequences with the greatest sum of scores; a score of 0 never pairs. Left before right where both fit. */
function align(lefts: number, rights: number, score: (i: number, j: number) => number): Step[] {
  const width = rights + 1;
  const best = new Float64Array((lefts + 1) * width);
  const at = (i: number, j: number) => best[i * width + j] ?? 0;
  const paired = (i: number, j: number) => (score(i, j) > 0 ? score(i, j) + at(i + 1, j + 1) : -1);
  for (let i = lefts - 1; i >= 0; i -= 1) {
    for (let j = rights - 1; j >= 0; j -= 1) best[i * width + j] = Math.max(paired(i, j), at(i + 1, j), at(i, j + 1));
  }
  const steps: Step[] = [];
  for (let i = 0, j = 0; i < lefts || j < rights; ) {
    const isPair = i < lefts && j < rights && paired(i, j) === at(i, j);
    const isLeft = !isPair && i < lefts && (j === rights || at(i + 1, j) >= at(i, j + 1));
    steps.push({ left: isPair || isLeft ? i : null, right: isLeft ? null : j });
    i += isPair || isLeft ? 1 : 0;
    j += isLeft ? 0 : 1;
  }
  return steps;
}

type NumberedLine = { text: string; number: number };
const leastLikeness = 0.3;

/** Aligns the removed and added lines of one place so that the most alike stand side by side, in order. */
function pairLines(removed: readonly NumberedLine[], added: readonly NumberedLine[]): DiffRow[] {
  const alike = removed.map((left) => added.map((right) => likeness(left.text, right.text)));
  const score = (i: number, j: number) => {
    const share = alike[i]?.[j] ?? 0;
    return share >= leastLikeness ? share : 0;
  };
  return align(removed.length, added.length, score).map((step) => toPairedRow(removed[step.left ?? -1], added[step.right ?? -1]));
}

function toPairedRow(left: NumberedLine | undefined, right: NumberedLine | undefined): DiffRow {
  if (left && right) return changedRow(left, right);
  if (left) return { kind: "removed", before: plainSide(left.text, left.number, true), after: null };
  return { kind: "added", before: null, after: plainSide(right?.text ?? "", right?.number ?? 0, true) };
}

/** Share of common words, 0..1, order left aside so that long hunks stay quick. */
function likeness(a: string, b: string): number {
  const left = wordsOf(a);
  const right = wordsOf(b);
  if (left.length + right.length === 0) return 1;
  const bag = new Map<string, number>();
  for (const word of left) bag.set(word, (bag.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of right) {
    const count = bag.get(word) ?? 0;
    if (count === 0) continue;
    bag.set(word, count - 1);
    shared += 1;
  }
  return (2 * shared) / (left.length + right.length);
}

const wordsOf = (line: string) => tokensOf(line).filter((token) => token.trim() !== "");

function changedRow(left: NumberedLine, right: NumberedLine): DiffRow {
  const edits = editScript(tokensOf(left.text), tokensOf(right.text));
  const side = (skip: "removed" | "added", number: number): DiffSide => ({
    number,
    segments: joinSegments(
      edits.filter(([kind]) => kind !== skip).map(([kind, text]) => ({ text, isChanged: kind !== "same", isVariable: isVariable(text) })),
    ),
  });
  return { kind: "changed", before: side("added", left.number), after: side("removed", right.number) };
}

/** Neighbours of one kind become one piece, and a space between two marked words is marked too. */
function joinSegments(segments: readonly Segment[]): Segment[] {
  const bridged = segments.map((segment, index) => {
    const between = segment.text.trim() === "" && segments[index - 1]?.isChanged && segments[index + 1]?.isChanged;
    return between ? { ...segment, isChanged: true } : segment;
  });
  const joined: Segment[] = [];
  for (const segment of bridged) {
    const last = joined.at(-1);
    if (last && !last.isVariable && !segment.isVariable && last.isChanged === segment.isChanged) last.text += segment.text;
    else joined.push({ ...segment });
  }
  return joined;
}
