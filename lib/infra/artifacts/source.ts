import type { ArtifactProblemCode } from "@/lib/core/artifacts";

/** What the operator allows artifacts to be read from. */
export interface ArtifactSettings {
  /** Folders that file:// may point into. */
  readonly roots: readonly string[];
  /** Artifacts registered as larger are not read, bytes. */
  readonly maxBytes: number;
  /** Address of an S3-compatible store; null: the one of AWS itself. */
  readonly s3Endpoint: string | null;
  /** Credentials come from the usual AWS variables, which the SDK reads. */
  readonly s3Region: string;
}

export interface SourceOptions extends ArtifactSettings {
  readonly privateHosts: readonly string[];
  readonly signal: AbortSignal;
}

/** The bytes of an artifact, read as they are asked for: nothing is held but the piece that is given. */
export interface ArtifactStream {
  /** As the store says; null when it does not. */
  readonly sizeBytes: number | null;
  /** A piece may be overwritten as soon as the next one is asked for. */
  readonly pieces: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Why an artifact could not be read, or is not what was registered. `detail` is safe to show. */
export class ArtifactError extends Error {
  override readonly name = "ArtifactError";
  constructor(
    readonly code: ArtifactProblemCode,
    readonly detail: string,
    options: { cause?: unknown; isPassing?: boolean } = {},
  ) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.isPassing = options.isPassing ?? false;
  }
  /** The same reading may succeed a moment later. */
  readonly isPassing: boolean;
}
