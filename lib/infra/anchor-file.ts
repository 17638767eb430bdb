import { existsSync, readFileSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

/** One line of an anchor file: what was signed, as its exact text, and the Ed25519 signature in base64. */
const AnchorLine = z.strictObject({ text: z.string(), signature: z.string() });

export interface SignedLine {
  readonly text: string;
  readonly signature: string;
}

const fileOf = (directory: string, chain: string) => path.join(directory, `${chain.replaceAll(/[^A-Za-z0-9_-]/g, "_")}.jsonl`);

/** Appends one signed line to the chain's anchor file and waits until it is on disk. */
export async function appendAnchorLine(directory: string, chain: string, line: SignedLine): Promise<void> {
  await mkdir(directory, { recursive: true });
  const file = await open(fileOf(directory, chain), "a", 0o640);
  try {
    await file.appendFile(`${JSON.stringify(line)}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** The chain's anchors, oldest first; a torn last line (killed while writing) is passed over. */
export function readAnchorLines(directory: string, chain: string): SignedLine[] {
  const file = fileOf(directory, chain);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((text) => {
      if (text === "") return [];
      try {
        return [AnchorLine.parse(JSON.parse(text))];
      } catch {
        return [];
      }
    });
}
