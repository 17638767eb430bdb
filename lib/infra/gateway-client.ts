import { request } from "undici";
import { INTERNAL_CHAT_PATH } from "@/lib/contracts/internal-call";
import { AppError } from "@/lib/core/errors";
import { type InternalCall, signInternalCall } from "./internal-token";

export interface GatewayCall {
  /** Where this process reaches a gateway. */
  readonly gatewayUrl: string;
  /** Ed25519 private key, PEM or its base64. */
  readonly internalKey: string;
  readonly call: InternalCall;
  /** JSON of an OpenAI chat request. */
  readonly body: Uint8Array;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

export interface GatewayAnswer {
  readonly status: number;
  /** The gateway's id of the call, under which the usage log has it; empty when whoever answered is no gateway. */
  readonly requestId: string;
  readonly retryAfterSeconds: number | undefined;
  readonly body: AsyncIterable<Buffer>;
}

/** A gateway has time-outs of its own for backends; this one is for a gateway that says nothing at all. */
const SILENCE_MS = 330_000;

/** Sends one internal call; its answer is read by the caller. Aborting the signal ends it on both sides. @throws AppError unavailable */
export async function callGateway({ gatewayUrl, internalKey, call, body, requestId, signal }: GatewayCall): Promise<GatewayAnswer> {
  const token = signInternalCall(internalKey, { call, body, nowMs: Date.now() });
  try {
    const answer = await request(new URL(INTERNAL_CHAT_PATH, gatewayUrl), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}`, "x-request-id": requestId },
      body,
      signal,
      headersTimeout: SILENCE_MS,
      bodyTimeout: SILENCE_MS,
    });
    const id = answer.headers["x-switchyard-request-id"];
    const retryAfter = Number(answer.headers["retry-after"]);
    return {
      status: answer.statusCode,
      requestId: typeof id === "string" ? id : "",
      retryAfterSeconds: Number.isSafeInteger(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
      body: answer.body,
    };
  } catch (error) {
    throw new AppError("unavailable", "No gateway can be reached at the moment.", { retryAfterSeconds: 2, cause: error });
  }
}
