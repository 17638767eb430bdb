import { hash, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import {
  INTERNAL_TOKEN_MAX_MS,
  INTERNAL_TOKEN_PREFIX,
  INTERNAL_TOKEN_SIGNING_DOMAIN,
  INTERNAL_TOKEN_SKEW_MS,
  InternalCallClaims,
} from "@/lib/contracts/internal-call";
import { toPrivateKey } from "./signing";

/** What a caller says about its call; the rest of the claims is made here. */
export type InternalCall = Omit<InternalCallClaims, "id" | "bodySha256" | "issuedAt" | "expiresAt">;

const bytesToSign = (payload: string) => Buffer.from(INTERNAL_TOKEN_SIGNING_DOMAIN + payload);
const toBodySha256 = (body: Uint8Array) => hash("sha256", body, "hex");

/** Signs the token of one call with these very bytes as its body. `privateKey`: Ed25519, PEM or its base64. */
export function signInternalCall(
  privateKey: string,
  { call, body, nowMs }: { call: InternalCall; body: Uint8Array; nowMs: number },
): string {
  const claims: InternalCallClaims = {
    ...call,
    id: randomBytes(16).toString("hex"),
    bodySha256: toBodySha256(body),
    issuedAt: nowMs,
    expiresAt: nowMs + INTERNAL_TOKEN_MAX_MS,
  };
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${INTERNAL_TOKEN_PREFIX}.${payload}.${sign(null, bytesToSign(payload), toPrivateKey(privateKey)).toString("base64url")}`;
}

/** Why a token is not taken; safe to tell its sender. */
export class InternalTokenError extends Error {
  override readonly name = "InternalTokenError";
}

function parseClaims(payload: string): InternalCallClaims {
  try {
    return InternalCallClaims.parse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8")));
  } catch {
    throw new InternalTokenError("The internal token's content cannot be read.");
  }
}

/**
 * The claims of a token that one of the keys signed and whose time is now. The body is checked apart, when it is here: see isBodyOf.
 * @throws InternalTokenError
 */
export function verifyInternalToken(text: string, publicKeys: readonly KeyObject[], nowMs: number): InternalCallClaims {
  const [prefix, payload, signature, ...rest] = text.split(".");
  if (prefix !== INTERNAL_TOKEN_PREFIX || payload === undefined || signature === undefined || rest.length > 0)
    throw new InternalTokenError("This is no internal token.");
  const bytes = Buffer.from(signature, "base64url");
  if (!publicKeys.some((key) => verify(null, bytesToSign(payload), key, bytes)))
    throw new InternalTokenError("The internal token's signature belongs to no key that this gateway knows.");
  const claims = parseClaims(payload);
  const { issuedAt, expiresAt } = claims;
  if (expiresAt - issuedAt > INTERNAL_TOKEN_MAX_MS || expiresAt < issuedAt)
    throw new InternalTokenError("The internal token lives longer than it may.");
  if (issuedAt > nowMs + INTERNAL_TOKEN_SKEW_MS) throw new InternalTokenError("The internal token is from the future: compare the clocks.");
  if (expiresAt + INTERNAL_TOKEN_SKEW_MS <= nowMs) throw new InternalTokenError("The internal token is expired.");
  return claims;
}

/** Whether these are the bytes that the token was signed for. */
export function isBodyOf(claims: InternalCallClaims, body: Uint8Array): boolean {
  return toBodySha256(body) === claims.bodySha256;
}
