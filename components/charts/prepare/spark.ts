/** A line without axes in a 100 × `height` box; a missing value breaks the line. */
export function prepareSpark(
  values: readonly (number | null)[],
  { base = [], height = 30 }: { base?: readonly (number | null)[]; height?: number } = {},
): { line: string; base: string } {
  const known = [...values, ...base].filter((value) => value !== null && Number.isFinite(value)) as number[];
  if (known.length === 0) return { line: "", base: "" };
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  const pad = 2;
  const y = (value: number) => (span === 0 ? height / 2 : height - pad - ((value - low) / span) * (height - 2 * pad));
  const draw = (series: readonly (number | null)[]) => {
    let path = "";
    let pen = "M";
    for (const [index, value] of series.entries()) {
      if (value === null || !Number.isFinite(value)) {
        pen = "M";
        continue;
      }
      const x = series.length === 1 ? 0 : (index / (series.length - 1)) * 100;
      path += `${pen}${x.toFixed(2)} ${y(value).toFixed(2)}`;
      pen = "L";
    }
    return path;
  };
  return { line: draw(values), base: draw(base) };
}
