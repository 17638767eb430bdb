import { createHash } from "node:crypto";
import { openArtifact } from "./open-artifact";
import { ArtifactError, type SourceOptions } from "./source";

export interface Expected {
  readonly uri: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface Hashed {
  readonly sha256: string;
  readonly bytes: number;
}

const differs = (actual: string, registered: number) =>
  new ArtifactError("size_differs", `It has ${actual} bytes where ${registered} were registered.`);

/**
 * Reads an artifact once from its beginning and takes its SHA-256, holding two pieces at most. Stops at the first byte too many, so that
 * a wrong address costs no more than the registered size. `onBytes` gets the number read so far.
 * @throws ArtifactError; whatever `signal` was aborted with
 */
export async function hashArtifact(
  { uri, sizeBytes }: Expected,
  options: SourceOptions & { readonly onBytes: (bytes: number) => void },
): Promise<Hashed> {
  if (sizeBytes > options.maxBytes)
    throw new ArtifactError("too_large", `It is registered with ${sizeBytes} bytes; this installation reads at most ${options.maxBytes}.`);
  const stream = await openArtifact(uri, options);
  try {
    if (stream.sizeBytes !== null && stream.sizeBytes !== sizeBytes) throw differs(String(stream.sizeBytes), sizeBytes);
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const piece of stream.pieces) {
      options.signal.throwIfAborted();
      hash.update(piece);
      bytes += piece.byteLength;
      if (bytes > sizeBytes) throw differs(`more than ${sizeBytes}`, sizeBytes);
      options.onBytes(bytes);
    }
    if (bytes !== sizeBytes) throw differs(String(bytes), sizeBytes);
    return { sha256: hash.digest("hex"), bytes };
  } finally {
    await stream.close();
  }
}
