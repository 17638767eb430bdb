/** Prefixes of public ids. An id is `<prefix>_<32 hex digits of a UUIDv7>`, so ids sort by time and name their kind. */
export const ID_PREFIXES = {
  user: "usr",
  session: "ses",
  project: "prj",
  token: "tok",
  gatewayKey: "gwk",
  audit: "aud",
  model: "mod",
  modelVersion: "mdv",
  modelVersionScore: "mvs",
  verification: "vrf",
  prompt: "prm",
  promptVersion: "prv",
  promptComment: "pcm",
  backend: "bck",
  backendRevision: "bkr",
  endpoint: "ept",
  release: "rel",
  variant: "var",
  rollout: "rol",
  experiment: "exp",
  layer: "lay",
  request: "req",
  score: "sco",
  price: "prc",
  budget: "bud",
  lease: "lse",
  driftMonitor: "dmo",
  driftRun: "drn",
  driftReport: "drr",
  approval: "apv",
  evaluationSet: "evs",
  evaluationCase: "evc",
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/**
 * UUIDv7 (RFC 9562 section 5.7) as 32 hex digits. `nowMs` is Unix time in milliseconds (48 bits kept), `random` at least 10 random bytes.
 */
export function uuidV7Hex(nowMs: number, random: Uint8Array): string {
  if (random.length < 10) throw new RangeError("uuidV7Hex needs 10 random bytes");
  const time = Math.floor(nowMs).toString(16).padStart(12, "0").slice(-12);
  const byte = (i: number) => random[i] ?? 0;
  const a = (0x7000 | ((byte(0) & 0x0f) << 8) | byte(1)).toString(16);
  const b = (0x8000 | ((byte(2) & 0x3f) << 8) | byte(3)).toString(16);
  let tail = "";
  for (let i = 4; i < 10; i++) tail += byte(i).toString(16).padStart(2, "0");
  return time + a + b + tail;
}

export function toId(kind: IdKind, nowMs: number, random: Uint8Array): string {
  return `${ID_PREFIXES[kind]}_${uuidV7Hex(nowMs, random)}`;
}

const ID_PATTERN = /^([a-z]{3})_([0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15})$/;

/** From here on the next day has no four digits for its year, and PostgreSQL does not read it. */
const AFTER_TIME_MS = Date.UTC(9999, 11, 31);

/** The creation time inside an id, Unix milliseconds; null when it is not one of our ids, as one from the end of the year 9999 or later is not. */
export function timeOfId(id: string): number | null {
  const hex = ID_PATTERN.exec(id)?.[2];
  if (hex === undefined) return null;
  const time = Number.parseInt(hex.slice(0, 12), 16);
  return time < AFTER_TIME_MS ? time : null;
}

/** The id's UUID in canonical dashed form, for a uuid column; null when it is not one of our ids. */
export function uuidOfId(id: string): string | null {
  const h = ID_PATTERN.exec(id)?.[2];
  if (h === undefined) return null;
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}

/** The public id of a uuid column: the inverse of uuidOfId. */
export function idOfUuid(kind: IdKind, uuid: string): string {
  return `${ID_PREFIXES[kind]}_${uuid.replaceAll("-", "")}`;
}
