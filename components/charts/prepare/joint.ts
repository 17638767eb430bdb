/**
 * Lines between two columns of boxes of one height, both centred on a track of `most` boxes, in percent of the track: each left box leads
 * to the middle, the middle to each right box.
 */
export function prepareJoint({ left, right, most }: { left: number; right: number; most: number }): string {
  const step = 100 / Math.max(1, left, right, most);
  const places = (count: number) => Array.from({ length: count }, (_, i) => round(50 + (i - (count - 1) / 2) * step));
  if (left === 0 || right === 0) return "";
  return [...places(left).map((y) => `M0 ${y}C8 ${y} 6 50 14 50`), ...places(right).map((y) => `M14 50C22 50 20 ${y} 28 ${y}`)].join("");
}

const round = (value: number) => Math.round(value * 100) / 100;
