import { z } from "zod";
import { readAnchorLines } from "@/lib/infra/anchor-file";
import { sha256Hex } from "@/lib/infra/secrets";
import { isSignedBy } from "@/lib/infra/signing";
import type { AuditVerification } from "./api";
import { eventsAfter, findHead } from "./queries";
import { ANCHOR_SIGNING_DOMAIN, type Anchor, CHAIN_START, type ChainFault, checkLinks } from "./rules/chain";

const BATCH = 5_000;

/** Where signed anchors are and whose signature counts; null where the process has none at hand. */
export interface AnchorSource {
  readonly directory: string;
  readonly publicKeys: readonly string[];
}

const holder = globalThis as typeof globalThis & { switchyardAnchors?: AnchorSource | null };

/** Tells this process where the anchors lie, at its start. */
export function provideAnchors(given: AnchorSource | null): void {
  holder.switchyardAnchors = given;
}

const AnchorText = z.strictObject({ chain: z.string(), sequence: z.int(), hash: z.string(), at: z.string() });

function readAnchors(chain: string): { anchors: Anchor[]; forged: boolean } {
  const source = holder.switchyardAnchors ?? null;
  if (source === null) return { anchors: [], forged: false };
  const { directory, publicKeys } = source;
  let forged = false;
  const anchors = readAnchorLines(directory, chain).flatMap((line) => {
    if (!line.text.startsWith(ANCHOR_SIGNING_DOMAIN) || !isSignedBy(publicKeys, line.text, line.signature)) {
      forged = true;
      return [];
    }
    const anchor = AnchorText.parse(JSON.parse(line.text.slice(ANCHOR_SIGNING_DOMAIN.length)));
    return anchor.chain === chain ? [anchor] : [];
  });
  return { anchors, forged };
}

const EXPLANATIONS: Record<ChainFault["kind"], string> = {
  edited: "The event's content does not give its hash: it was changed after it was written.",
  missing: "The event that should stand here is not there: it was deleted, or another was put in.",
  reordered: "The event does not follow the one before it: events were inserted or swapped.",
  cut: "The newest events are gone: the head or a signed anchor knows of more.",
  head: "The last event is not the one that the chain's head names.",
  anchor: "A signed anchor, kept outside the database, names another hash for this event, or an anchor's signature is wrong.",
};

/** Recomputes a whole chain in batches (memory does not grow with it) and compares it with its head and every anchor. */
export async function verifyChain(chain: string): Promise<AuditVerification> {
  const { anchors, forged } = readAnchors(chain);
  const expected = new Map(anchors.map((a) => [a.sequence, a.hash]));
  const highest = anchors.reduce((m, a) => Math.max(m, a.sequence), 0);
  // The head is read first: events appended while this runs lie beyond it and do not matter.
  const head = await findHead(chain);
  let position = CHAIN_START;
  let fault: ChainFault | null = forged ? { kind: "anchor", sequence: 0 } : null;
  while (fault === null) {
    const events = await eventsAfter(chain, position.sequence, BATCH);
    if (events.length === 0) break;
    const checked = checkLinks(position, events, sha256Hex);
    position = checked.position;
    fault = checked.fault;
    const wrong = events.find((e) => e.sequence <= position.sequence && expected.has(e.sequence) && expected.get(e.sequence) !== e.hash);
    if (fault === null && wrong !== undefined) fault = { kind: "anchor", sequence: wrong.sequence };
    const headEvent = events.find((e) => e.sequence === head?.sequence);
    if (fault === null && headEvent !== undefined && headEvent.hash !== head?.hash) fault = { kind: "head", sequence: headEvent.sequence };
  }
  const least = Math.max(highest, head?.sequence ?? 0);
  if (fault === null && position.sequence < least) fault = { kind: "cut", sequence: position.sequence, expected: least };
  if (fault === null && head === null && position.sequence > 0) fault = { kind: "head", sequence: position.sequence };
  return {
    intact: fault === null,
    checked: position.sequence,
    lastSequence: position.sequence,
    lastHash: position.hash,
    anchors: { checked: anchors.length, lastSequence: highest === 0 ? null : highest },
    fault: fault === null ? null : { kind: fault.kind, sequence: fault.sequence, explanation: EXPLANATIONS[fault.kind] },
  };
}
