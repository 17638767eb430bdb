import { AppError } from "@/lib/core/errors";
import type { UpstreamCall } from "../providers/upstream-call";

export const TOO_LARGE = "The serving backend's answer is too large.";

/** The whole body of an answer. @throws AppError upstream_truncated, upstream_timeout, upstream_failed (more than `maxBytes`) */
export function collectBody(call: UpstreamCall, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    call.consume({
      data(chunk) {
        call.progress();
        size += chunk.length;
        chunks.push(chunk);
        if (size > maxBytes) call.cancel(new AppError("upstream_failed", TOO_LARGE));
      },
      end: () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
      fail: reject,
      abort: reject,
    });
  });
}
