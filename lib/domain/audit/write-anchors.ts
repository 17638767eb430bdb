import { appendAnchorLine, readAnchorLines } from "@/lib/infra/anchor-file";
import { signText } from "@/lib/infra/signing";
import { listHeads } from "./queries";
import { ANCHOR_SIGNING_DOMAIN, toAnchorText } from "./rules/chain";

const lastWritten = new Map<string, number>();

function lastAnchored(directory: string, chain: string): number {
  const known = lastWritten.get(chain);
  if (known !== undefined) return known;
  const line = readAnchorLines(directory, chain).at(-1);
  const sequence = line === undefined ? 0 : (JSON.parse(line.text.slice(ANCHOR_SIGNING_DOMAIN.length)) as { sequence: number }).sequence;
  lastWritten.set(chain, sequence);
  return sequence;
}

/** Signs the head of each chain that grew since its last anchor, and appends it to a file outside the database. Level-triggered. */
export async function writeAnchors(input: { directory: string; signingKey: string; now: Date }): Promise<number> {
  let written = 0;
  for (const head of await listHeads()) {
    if (head.sequence <= lastAnchored(input.directory, head.chain)) continue;
    const text = toAnchorText({ chain: head.chain, sequence: head.sequence, hash: head.hash, at: input.now.toISOString() });
    await appendAnchorLine(input.directory, head.chain, { text, signature: signText(input.signingKey, text) });
    lastWritten.set(head.chain, head.sequence);
    written++;
  }
  return written;
}
