import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** X.509 certificates made on the spot: a test needs an expired one, and no private key belongs into a repository. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

const HOUR_MS = 3_600_000;

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 0xff ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const text = (value: string) => der(0x0c, Buffer.from(value));
const ED25519 = sequence(oid("2b6570"));
const nameOf = (value: string) => sequence(der(0x31, sequence(oid("550403"), text(value))));
const time = (ms: number) =>
  der(
    0x18,
    Buffer.from(
      `${new Date(ms)
        .toISOString()
        .replaceAll(/[-:T]|\.\d+/g, "")
        .slice(0, 14)}Z`,
    ),
  );
const extension = (id: string, value: Buffer) => sequence(oid(id), der(0x04, value));

interface CertificateParts {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signedWith: KeyObject;
  readonly expired: boolean;
  readonly extensions: readonly Buffer[];
}

function toPem(label: string, bytes: Buffer): string {
  return `-----BEGIN ${label}-----\n${bytes
    .toString("base64")
    .match(/.{1,64}/g)
    ?.join("\n")}\n-----END ${label}-----\n`;
}

function makeCertificate({ subject, issuer, publicKey, signedWith, expired, extensions }: CertificateParts): string {
  const now = Date.now();
  const [from, to] = expired ? [now - 48 * HOUR_MS, now - 24 * HOUR_MS] : [now - HOUR_MS, now + 24 * HOUR_MS];
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ED25519,
    nameOf(issuer),
    sequence(time(from), time(to)),
    nameOf(subject),
    publicKey.export({ format: "der", type: "spki" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, Buffer.from([0]), sign(null, body, signedWith));
  return toPem("CERTIFICATE", sequence(body, ED25519, signature));
}

export interface TestAuthority {
  readonly cert: string;
  /** A server's certificate for this DNS name. */
  issue(dnsName: string, options?: { readonly expired?: boolean }): TestCertificate;
  /** One that nobody but itself vouches for. */
  selfSigned(dnsName: string): TestCertificate;
}

export function createAuthority(): TestAuthority {
  const root = generateKeyPairSync("ed25519");
  const issuer = "Switchyard test authority";
  const isAuthority = extension("551d13", sequence(der(0x01, Buffer.from([0xff]))));
  const altName = (dnsName: string) => extension("551d11", sequence(der(0x82, Buffer.from(dnsName))));
  const make = (dnsName: string, parts: { issuer: string; signedWith: KeyObject | null; expired: boolean }): TestCertificate => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const cert = makeCertificate({
      subject: dnsName,
      publicKey,
      extensions: [altName(dnsName)],
      ...parts,
      signedWith: parts.signedWith ?? privateKey,
    });
    return { cert, key: privateKey.export({ format: "pem", type: "pkcs8" }).toString() };
  };
  return {
    cert: makeCertificate({
      subject: issuer,
      issuer,
      publicKey: root.publicKey,
      signedWith: root.privateKey,
      expired: false,
      extensions: [isAuthority],
    }),
    issue: (dnsName, { expired = false } = {}) => make(dnsName, { issuer, signedWith: root.privateKey, expired }),
    selfSigned: (dnsName) => make(dnsName, { issuer: dnsName, signedWith: null, expired: false }),
  };
}
