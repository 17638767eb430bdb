import { hash32 } from "./prng";
import { countTokens } from "./tokens";

/** A unit vector of a text from its hashed character trigrams: the same words give near vectors, the meaning is not known. */
export function embed(text: string, { model, dimensions }: { model: string; dimensions: number }): Float32Array {
  const vector = new Float32Array(dimensions);
  const characters = Array.from(` ${text.toLowerCase()} `);
  for (let at = 0; at < Math.max(1, characters.length - 2); at += 1) {
    const hash = hash32(model, characters.slice(at, at + 3).join(""));
    const index = hash % dimensions;
    vector[index] = (vector[index] ?? 0) + ((hash >>> 16) % 2 === 0 ? 1 : -1);
  }
  const norm = Math.hypot(...vector);
  if (norm === 0) {
    vector[hash32(model, text) % dimensions] = 1;
    return vector;
  }
  return vector.map((value) => value / norm);
}

/** Inputs of an embeddings request as texts with their tokens; arrays of token ids count one token each. */
export function embeddingInputs(input: string | string[] | number[] | number[][]): { text: string; tokens: number }[] {
  const list = typeof input === "string" || typeof input[0] === "number" ? [input] : input;
  return list.map((item) => {
    if (typeof item === "string") return { text: item, tokens: countTokens(item) };
    const ids = Array.isArray(item) ? item : [item];
    return { text: ids.join(" "), tokens: ids.length };
  });
}

/** Little-endian float32 in base64, as the API sends it. */
export function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
