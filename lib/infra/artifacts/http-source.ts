import { Client, type Dispatcher } from "undici";
import { AppError } from "@/lib/core/errors";
import { AddressRefusedError, assertAddressAllowed, createGuardedConnector, isListedHost } from "../http-client";
import { ArtifactError, type ArtifactStream, type SourceOptions } from "./source";

const MAX_REDIRECTS = 5;
const CONNECT_MS = 10_000;
/** Without a byte for this long the store is taken to be stuck. */
const SILENCE_MS = 60_000;

type Response = Dispatcher.ResponseData;

function isRefusal(error: unknown): boolean {
  return error instanceof AddressRefusedError || (error instanceof Error && error.cause instanceof AddressRefusedError);
}

function toArtifactError(error: unknown): unknown {
  if (error instanceof ArtifactError) return error;
  if (error instanceof AppError || isRefusal(error))
    return new ArtifactError("address_not_allowed", "The address, or one that it was redirected to, may not be called from here.", {
      cause: error,
    });
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT")
    return new ArtifactError("too_slow", `Nothing came for ${SILENCE_MS / 1_000} seconds.`, { cause: error, isPassing: true });
  return new ArtifactError("connection_failed", `The connection failed (${code || "unknown"}).`, { cause: error, isPassing: true });
}

async function request(url: URL, { privateHosts, signal }: SourceOptions): Promise<{ client: Client; response: Response }> {
  await assertAddressAllowed(url.href, privateHosts);
  const client = new Client(url.origin, {
    connect: createGuardedConnector({ allowPrivate: isListedHost(url, privateHosts), connectTimeoutMs: CONNECT_MS }),
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
  });
  try {
    // The hash is taken over the bytes as they lie there: no compression on the way.
    const headers = { accept: "*/*", "accept-encoding": "identity", "user-agent": "switchyard" };
    return { client, response: await client.request({ method: "GET", path: `${url.pathname}${url.search}`, headers, signal }) };
  } catch (error) {
    await client.destroy();
    throw error;
  }
}

function nextAddress(response: Response, from: URL): URL {
  const { location } = response.headers;
  if (typeof location !== "string" || !URL.canParse(location, from.href))
    throw new ArtifactError("redirect_refused", "It answers with a redirect to nowhere.");
  const next = new URL(location, from.href);
  if (next.protocol !== "http:" && next.protocol !== "https:")
    throw new ArtifactError("redirect_refused", `It redirects to a ${next.protocol}// address.`);
  if (from.protocol === "https:" && next.protocol === "http:")
    throw new ArtifactError("redirect_refused", "It redirects from https to http, which anybody on the way could change.");
  return next;
}

function assertReadable(response: Response): void {
  const { statusCode, headers } = response;
  if (statusCode === 404 || statusCode === 410) throw new ArtifactError("not_found", `It answers with HTTP ${statusCode}.`);
  if (statusCode === 401 || statusCode === 403) throw new ArtifactError("access_denied", `It answers with HTTP ${statusCode}.`);
  if (statusCode !== 200)
    throw new ArtifactError("http_status", `It answers with HTTP ${statusCode}.`, { isPassing: statusCode >= 500 || statusCode === 429 });
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity")
    throw new ArtifactError("encoded", `It sends its answer encoded (${String(encoding)}), so the hash of the file cannot be taken.`);
}

const toSize = (length: unknown) => (typeof length === "string" && /^\d+$/.test(length) ? Number(length) : null);

async function* readPieces(response: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of response.body) yield piece;
  } catch (error) {
    signal.throwIfAborted();
    throw toArtifactError(error);
  }
}

/** Follows redirects by itself, each checked like the first address and connected through the guard. @throws ArtifactError */
export async function openHttp(first: URL, options: SourceOptions): Promise<ArtifactStream> {
  let url = first;
  for (let hop = 0; ; hop++) {
    let client: Client | null = null;
    try {
      const answer = await request(url, options);
      client = answer.client;
      const { response } = answer;
      if (response.statusCode >= 300 && response.statusCode < 400 && response.statusCode !== 304) {
        if (hop === MAX_REDIRECTS) throw new ArtifactError("redirect_refused", `It redirects more than ${MAX_REDIRECTS} times.`);
        url = nextAddress(response, url);
        response.body.on("error", () => {});
        await client.destroy();
        continue;
      }
      assertReadable(response);
      const opened = client;
      const sizeBytes = toSize(response.headers["content-length"]);
      return { sizeBytes, pieces: readPieces(response, options.signal), close: () => opened.destroy() };
    } catch (error) {
      await client?.destroy();
      options.signal.throwIfAborted();
      throw toArtifactError(error);
    }
  }
}
