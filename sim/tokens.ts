/** UTF-8 bytes that count as one token. */
export const BYTES_PER_TOKEN = 4;

/** Tokens of a text by the simulator's rule: its UTF-8 bytes / 4, rounded up. The empty text has 0. */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text, "utf8") / BYTES_PER_TOKEN);
}

/**
 * Cuts a text into its tokens, never inside a character. Each piece ends at the last character boundary at or before a
 * multiple of 4 bytes, so the first k pieces always count k tokens by `countTokens`.
 */
export function splitTokens(text: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  let bytes = 0;
  let limit = BYTES_PER_TOKEN;
  for (const character of text) {
    const size = Buffer.byteLength(character, "utf8");
    if (bytes + size > limit) {
      pieces.push(piece);
      piece = "";
      limit += BYTES_PER_TOKEN;
    }
    piece += character;
    bytes += size;
  }
  if (piece !== "") pieces.push(piece);
  return pieces;
}
