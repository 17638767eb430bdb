/** `50, 80.5 %, 100` in percent to basis points. What is no number stays none, so that the server names its place. */
export function parseThresholds(text: string): number[] {
  return text
    .replaceAll("%", " ")
    .split(/[,;\s]+/)
    .filter((part) => part !== "")
    .map((part) => Math.round(Number(part) * 100_000) / 1_000);
}

export function writeThresholds(bps: readonly number[]): string {
  return bps.map((each) => String(each / 100)).join(", ");
}
