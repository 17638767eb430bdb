import { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { ArtifactError, type ArtifactStream, type SourceOptions } from "./source";

const CONNECT_MS = 10_000;
const SILENCE_MS = 60_000;

const clients = new Map<string, Promise<S3Client>>();

/** One client a store; loaded when the first artifact of that kind is read. */
function clientFor(endpoint: string | null, region: string): Promise<S3Client> {
  const key = `${region} ${endpoint ?? ""}`;
  let client = clients.get(key);
  if (client === undefined) {
    client = import("@aws-sdk/client-s3").then(
      (sdk) =>
        new sdk.S3Client({
          region,
          // A store of one's own answers below one host name; AWS has a host name for each bucket.
          ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
          // The SDK's own check would hash everything a second time, and not every store knows it.
          responseChecksumValidation: "WHEN_REQUIRED",
          maxAttempts: 1,
          requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: SILENCE_MS, socketTimeout: SILENCE_MS },
        }),
    );
    clients.set(key, client);
  }
  return client;
}

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: string;
}

function toArtifactError(error: unknown): ArtifactError {
  if (error instanceof ArtifactError) return error;
  const { name, code, $metadata } = (error instanceof Error ? error : new Error(String(error))) as SdkError;
  const status = $metadata?.httpStatusCode;
  const said = `${name}${status === undefined ? "" : `, HTTP ${status}`}`;
  const at = (problem: ArtifactError["code"], text: string, isPassing = false) =>
    new ArtifactError(problem, `${text} (${said}).`, { cause: error, isPassing });
  if (name === "NoSuchKey" || name === "NoSuchBucket" || name === "NotFound" || status === 404)
    return at("not_found", "The store has no such object");
  if (name === "CredentialsProviderError")
    return at("store_not_set_up", "The worker has no credentials for S3; the operator sets AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  if (status === 401 || status === 403) return at("access_denied", "The store refuses the worker's credentials");
  if (name === "TimeoutError") return at("too_slow", "The store did not answer in time", true);
  if (status !== undefined) return at("http_status", "The store answers with an error", status >= 500 || status === 429);
  return new ArtifactError("connection_failed", `The connection failed (${code ?? name}).`, { cause: error, isPassing: true });
}

async function* readPieces(body: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of body) yield piece;
  } catch (error) {
    signal.throwIfAborted();
    throw toArtifactError(error);
  }
}

/** An object of the operator's S3-compatible store. Its address is the operator's, so no user chooses where this connects. @throws ArtifactError */
export async function openS3(
  { bucket, key }: { bucket: string; key: string },
  { s3Endpoint, s3Region, signal }: SourceOptions,
): Promise<ArtifactStream> {
  try {
    const [client, { GetObjectCommand }] = await Promise.all([clientFor(s3Endpoint, s3Region), import("@aws-sdk/client-s3")]);
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
    const body = answer.Body;
    if (!(body instanceof Readable)) throw new ArtifactError("http_status", "The store answered without a body.");
    return {
      sizeBytes: answer.ContentLength ?? null,
      pieces: readPieces(body, signal),
      async close() {
        body.destroy();
      },
    };
  } catch (error) {
    signal.throwIfAborted();
    throw toArtifactError(error);
  }
}
