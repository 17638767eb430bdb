import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { INTERNAL_TOKEN_MAX_MS, INTERNAL_TOKEN_SIGNING_DOMAIN, INTERNAL_TOKEN_SKEW_MS } from "@/lib/contracts/internal-call";
import { type InternalCall, isBodyOf, signInternalCall, verifyInternalToken } from "./internal-token";

const keyPair = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { pem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), publicKey };
};
const { pem, publicKey } = keyPair();
const body = Buffer.from('{"messages":[]}');
const nowMs = 1_800_000_000_000;
const call: InternalCall = {
  source: "playground",
  projectId: "prj_1",
  environment: "production",
  actorId: "usr_1",
  target: { kind: "endpoint", endpointId: "ept_1" },
  promptVersionId: null,
};
const token = signInternalCall(pem, { call, body, nowMs });
const part = (i: number) => token.split(".")[i] ?? "";
const claimsOf = () => JSON.parse(Buffer.from(part(1), "base64url").toString());
const signed = (claims: unknown, key = pem, domain = INTERNAL_TOKEN_SIGNING_DOMAIN) => {
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `sy-int-v1.${payload}.${sign(null, Buffer.from(domain + payload), createPrivateKey(key)).toString("base64url")}`;
};

describe("an internal token", () => {
  it("says what was signed, for the bytes that it was signed for and no others", () => {
    const claims = verifyInternalToken(token, [publicKey], nowMs);
    expect(claims).toMatchObject({ ...call, issuedAt: nowMs, expiresAt: nowMs + INTERNAL_TOKEN_MAX_MS });
    expect(isBodyOf(claims, body)).toBe(true);
    expect(isBodyOf(claims, Buffer.from('{"messages":[] }'))).toBe(false);
    expect(claims.id).not.toBe(verifyInternalToken(signInternalCall(pem, { call, body, nowMs }), [publicKey], nowMs).id);
  });

  it("is taken by either of two keys, so that a key can be replaced, and from its PEM or its base64", () => {
    const next = keyPair();
    const later = signInternalCall(Buffer.from(next.pem).toString("base64"), { call, body, nowMs });
    for (const text of [token, later]) expect(verifyInternalToken(text, [publicKey, next.publicKey], nowMs)).toMatchObject(call);
  });

  const foreign = keyPair();
  it.each<[string, () => string, number]>([
    ["of another key", () => signInternalCall(foreign.pem, { call, body, nowMs }), nowMs],
    [
      "with another claim under the same signature",
      () => `sy-int-v1.${signed({ ...claimsOf(), projectId: "prj_2" }, foreign.pem).split(".")[1]}.${part(2)}`,
      nowMs,
    ],
    ["whose signature is of another kind of text", () => signed(claimsOf(), pem, "switchyard-snapshot-v1\n"), nowMs],
    ["that is expired", () => token, nowMs + INTERNAL_TOKEN_MAX_MS + INTERNAL_TOKEN_SKEW_MS],
    ["from the future", () => token, nowMs - INTERNAL_TOKEN_SKEW_MS - 1],
    ["that gives itself more time", () => signed({ ...claimsOf(), expiresAt: nowMs + INTERNAL_TOKEN_MAX_MS + 1 }), nowMs],
    ["that ends before it begins", () => signed({ ...claimsOf(), expiresAt: nowMs - 1 }), nowMs],
    ["of an application", () => signed({ ...claimsOf(), source: "application" }), nowMs],
    ["with a claim that nobody knows", () => signed({ ...claimsOf(), admin: true }), nowMs],
    ["without a signature", () => `sy-int-v1.${part(1)}.`, nowMs],
    ["with something behind it", () => `${token}.x`, nowMs],
    ["that is a gateway key", () => "sk-sy-abcdefgh", nowMs],
    ["that is nothing", () => "", nowMs],
  ])("%s is refused", (_name, make, at) => {
    expect(() => verifyInternalToken(make(), [publicKey], at)).toThrowError(expect.objectContaining({ name: "InternalTokenError" }));
  });

  it("is refused by a gateway without keys, and taken within the stated skew of clocks", () => {
    expect(() => verifyInternalToken(token, [], nowMs)).toThrow();
    expect(verifyInternalToken(token, [publicKey], nowMs - INTERNAL_TOKEN_SKEW_MS)).toMatchObject(call);
    expect(verifyInternalToken(token, [publicKey], nowMs + INTERNAL_TOKEN_MAX_MS + INTERNAL_TOKEN_SKEW_MS - 1)).toMatchObject(call);
    expect(createPublicKey(pem).asymmetricKeyType).toBe("ed25519");
  });
});
