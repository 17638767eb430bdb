/** Hashes one file as the worker does and prints how long it took and how much memory it added at its peak. */
import { statSync } from "node:fs";
import path from "node:path";
import { hashArtifact } from "@/lib/infra/artifacts/hash-artifact";

const SAMPLE_EVERY = 16;
const file = process.argv[2] ?? "";
const { size } = statSync(file);

const run = (sizeBytes: number, onBytes: () => void) =>
  hashArtifact(
    { uri: `file://${file}`, sha256: "", sizeBytes },
    {
      roots: [path.dirname(file)],
      maxBytes: size,
      s3Endpoint: null,
      s3Region: "us-east-1",
      privateHosts: [],
      signal: new AbortController().signal,
      onBytes,
    },
  );

// The first call compiles and loads: a size that is not the file's ends it before it reads.
await run(size - 1, () => {}).catch(() => {});
globalThis.gc?.();
const before = process.memoryUsage.rss();
let peak = before;
let pieces = 0;
const start = performance.now();
const { sha256 } = await run(size, () => {
  if (++pieces % SAMPLE_EVERY === 0) peak = Math.max(peak, process.memoryUsage.rss());
});
const seconds = (performance.now() - start) / 1_000;
process.stdout.write(JSON.stringify({ sha256, seconds, addedBytes: peak - before }));
