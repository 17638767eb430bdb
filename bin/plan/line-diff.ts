/** One line of two texts side by side. */
export interface DiffLine {
  readonly sign: "+" | "-" | " ";
  readonly text: string;
}

/** Beyond this many edits the old lines are shown as taken out and the new ones as put in: exact, only longer. */
const MAX_EDITS = 500;

/** Myers' O(ND) difference (1986), line by line: the fewest lines taken out and put in. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const paths = findPaths(before, after);
  if (paths === null)
    return [...before.map((text) => ({ sign: "-" as const, text })), ...after.map((text) => ({ sign: "+" as const, text }))];
  const lines: DiffLine[] = [];
  let [x, y] = [before.length, after.length];
  for (let d = paths.length - 1; d >= 0; d--) {
    const reach = (k: number) => paths[d]?.get(k) ?? -1;
    const k = x - y;
    const isDown = k === -d || (k !== d && reach(k - 1) < reach(k + 1));
    const [fromX, fromY] = d === 0 ? [0, 0] : isDown ? [reach(k + 1), reach(k + 1) - k - 1] : [reach(k - 1), reach(k - 1) - k + 1];
    while (x > fromX && y > fromY) {
      lines.push({ sign: " ", text: before[--x] ?? "" });
      y--;
    }
    if (d === 0) break;
    if (isDown) lines.push({ sign: "+", text: after[--y] ?? "" });
    else lines.push({ sign: "-", text: before[--x] ?? "" });
  }
  return lines.reverse();
}

/** How far each diagonal reaches before the d-th edit; null where more edits are needed than are worth it. */
function findPaths(before: readonly string[], after: readonly string[]): Map<number, number>[] | null {
  const paths: Map<number, number>[] = [];
  let reach = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= MAX_EDITS; d++) {
    paths.push(new Map(reach));
    const next = new Map(reach);
    for (let k = -d; k <= d; k += 2) {
      const isDown = k === -d || (k !== d && (next.get(k - 1) ?? -1) < (next.get(k + 1) ?? -1));
      let x = isDown ? (next.get(k + 1) ?? 0) : (next.get(k - 1) ?? 0) + 1;
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x++;
      next.set(k, x);
      if (x >= before.length && x - k >= after.length) return paths;
    }
    reach = next;
  }
  return null;
}

/** The changed lines with `around` unchanged ones on each side; "…" stands for what is left out. */
export function toHunks(lines: readonly DiffLine[], around = 2): string[] {
  const keep = new Set<number>();
  lines.forEach(({ sign }, i) => {
    if (sign !== " ") for (let j = i - around; j <= i + around; j++) keep.add(j);
  });
  const shown: string[] = [];
  lines.forEach(({ sign, text }, i) => {
    if (keep.has(i)) shown.push(`${sign} ${text}`);
    else if (keep.has(i - 1)) shown.push("…");
  });
  return shown;
}
