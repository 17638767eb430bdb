/** Empty is no limit. What is no number becomes 0, which the server refuses by name: it must never become no limit. */
export function parseLimit(text: string): number | null {
  const digits = text.replace(/[\s,_]/g, "");
  if (digits === "") return null;
  return /^\d+(\.\d+)?$/.test(digits) ? Number(digits) : 0;
}
