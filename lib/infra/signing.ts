import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";

/** A PEM text, or the base64 of one. */
export function toPrivateKey(text: string) {
  const pem = text.includes("BEGIN") ? text.replaceAll("\\n", "\n") : Buffer.from(text, "base64").toString("utf8");
  return createPrivateKey(pem);
}

/** SPKI public key as base64, as the gateways hold it. */
export function toPublicKeyText(privateKeyText: string): string {
  return createPublicKey(toPrivateKey(privateKeyText)).export({ type: "spki", format: "der" }).toString("base64");
}

export function signText(privateKeyText: string, text: string): string {
  return sign(null, Buffer.from(text), toPrivateKey(privateKeyText)).toString("base64");
}

export function isSignedBy(publicKeys: readonly string[], text: string, signature: string): boolean {
  return publicKeys.some((key) => {
    const publicKey = createPublicKey({ key: Buffer.from(key, "base64"), format: "der", type: "spki" });
    return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, "base64"));
  });
}
