import type { MaskCounts, MaskKind } from "@/lib/contracts/content";

/** Masks what stands in a text; every scan reads each character a bounded number of times. */
export interface Masker {
  readonly kinds: ReadonlySet<MaskKind>;
  readonly counts: MaskCounts;
}

export const createMasker = (kinds: Iterable<MaskKind>): Masker => ({
  kinds: new Set(kinds),
  counts: { email: 0, phone: 0, card: 0, secret: 0 },
});

function mark({ counts }: Masker, kind: MaskKind): string {
  counts[kind]++;
  return `[${kind}]`;
}

// ── secrets ──
const KEY_BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/g;
const KEY_END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/g;
const BEARER = /\bBearer[ \t]{1,8}[\w.~+/=-]{8,}/gi;
const AWS_KEY = /(?:AKIA|ASIA)[A-Z0-9]{16}/g;
/** A run that a token could be: what it holds is looked at once for each kind. */
const WORD = /[\w.-]{16,}/g;
const PREFIXES = ["sk-", "sy_", "ghp_", "github_pat_", "glpat-", "xoxb-", "xoxp-"];
/** Characters that must follow a prefix. */
const LEAST_SECRET = 16;

/** A key block whose end is not there goes on to the end of the text. */
function maskKeyBlocks(text: string, masker: Masker): string {
  if (!text.includes("-----BEGIN ")) return text;
  const parts: string[] = [];
  let from = 0;
  for (KEY_BEGIN.lastIndex = 0; ; ) {
    const begin = KEY_BEGIN.exec(text);
    if (begin === null) break;
    KEY_END.lastIndex = KEY_BEGIN.lastIndex;
    const end = KEY_END.exec(text) === null ? text.length : KEY_END.lastIndex;
    parts.push(text.slice(from, begin.index), mark(masker, "secret"));
    from = end;
    KEY_BEGIN.lastIndex = end;
  }
  return parts.join("") + text.slice(from);
}

const isWordChar = (char: string | undefined): boolean => char !== undefined && /[A-Za-z0-9]/.test(char);

/** Where a token of a known prefix begins in a run; −1 where none does. */
function placeOfPrefix(word: string): number {
  for (const prefix of PREFIXES)
    for (let at = word.indexOf(prefix); at !== -1; at = word.indexOf(prefix, at + 1))
      if (!isWordChar(word[at - 1]) && word.length - at - prefix.length >= LEAST_SECRET) return at;
  return -1;
}

/** Where a JSON Web Token begins in a run: a JSON object in base64url, and two dots after it; −1 where none does. */
function placeOfJwt(word: string): number {
  const at = word.indexOf("eyJ");
  const dot = at === -1 ? -1 : word.indexOf(".", at);
  return dot - at < 8 || dot === -1 || word.indexOf(".", dot + 1) === -1 ? -1 : at;
}

function maskSecrets(text: string, masker: Masker): string {
  return maskKeyBlocks(text, masker)
    .replace(BEARER, () => mark(masker, "secret"))
    .replace(AWS_KEY, () => mark(masker, "secret"))
    .replace(WORD, (word) => {
      const places = [placeOfPrefix(word), placeOfJwt(word)].filter((at) => at !== -1);
      return places.length === 0 ? word : word.slice(0, Math.min(...places)) + mark(masker, "secret");
    });
}

// ── e-mail addresses ──
/** RFC 5322's atext and the dot, as far as ASCII goes. */
const LOCAL = tableOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~.");
const DOMAIN = tableOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-");

function tableOf(chars: string): Uint8Array {
  const table = new Uint8Array(128);
  for (const char of chars) table[char.charCodeAt(0)] = 1;
  return table;
}

const has = (table: Uint8Array, code: number): boolean => code < 128 && table[code] === 1;

/** Offset behind the domain that begins at `from`; `from` where there is none. */
function endOfDomain(text: string, from: number): number {
  let end = from;
  while (end < text.length && has(DOMAIN, text.charCodeAt(end))) end++;
  while (end > from && /[.-]/.test(text.charAt(end - 1))) end--;
  return /[^.]\.+[^.]/.test(text.slice(from, end)) ? end : from;
}

function maskEmails(text: string, masker: Masker): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    let start = at;
    while (start > from && has(LOCAL, text.charCodeAt(start - 1))) start--;
    const end = endOfDomain(text, at + 1);
    if (start === at || end === at + 1) continue;
    parts.push(text.slice(from, start), mark(masker, "email"));
    from = end;
  }
  return parts.length === 0 ? text : parts.join("") + text.slice(from);
}

// ── cards and telephone numbers ──
/** Digits with at most three separators between two of them. */
const NUMBER = /\+?\d(?:[ .()/-]{0,3}\d)*/g;
const DAY = /^\d{4}-\d{2}-\d{2}(?: \d{1,2})?$/;
const [CARD_LEAST, CARD_MOST, PHONE_LEAST] = [13, 19, 8];

/** ISO/IEC 7812-1, annex B. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Groups of digits that are a card's number together, by the first and the one behind the last; null where none are from `from` on. */
function findCard(groups: readonly RegExpExecArray[], from: number): readonly [number, number] | null {
  for (let start = from; start < groups.length; start++) {
    let digits = "";
    for (let end = start; end < groups.length; end++) {
      digits += groups[end]?.[0] ?? "";
      if (digits.length > CARD_MOST) break;
      if (digits.length >= CARD_LEAST && passesLuhn(digits)) return [start, end + 1];
    }
  }
  return null;
}

function maskPhone(run: string, groups: readonly RegExpExecArray[], masker: Masker): string {
  const digits = groups.reduce((sum, [group]) => sum + group.length, 0);
  if (!masker.kinds.has("phone") || digits < PHONE_LEAST || DAY.test(run)) return run;
  const isOne = run.startsWith("+") || run.startsWith("0") || (groups.length > 1 && groups.some(([group]) => group.length >= 3));
  return isOne ? mark(masker, "phone") : run;
}

/** The cards of a run, and what is left between them as telephone numbers. */
function maskRun(run: string, masker: Masker): string {
  const groups = [...run.matchAll(/\d+/g)];
  const parts: string[] = [];
  let [offset, next] = [0, 0];
  for (let card = masker.kinds.has("card") ? findCard(groups, 0) : null; card !== null; card = findCard(groups, next)) {
    const [start, behind] = card;
    const [first, last] = [groups[start], groups[behind - 1]];
    if (first === undefined || last === undefined) break;
    parts.push(maskPhone(run.slice(offset, first.index), groups.slice(next, start), masker), mark(masker, "card"));
    offset = last.index + last[0].length;
    next = behind;
  }
  return parts.join("") + maskPhone(run.slice(offset), groups.slice(next), masker);
}

function maskNumbers(text: string, masker: Masker): string {
  return text.replace(NUMBER, (run) => (run.length < PHONE_LEAST ? run : maskRun(run, masker)));
}

/** The text with everything of the masker's kinds as `[email]`, `[phone]`, `[card]` or `[secret]`. */
export function maskText(text: string, masker: Masker): string {
  const { kinds } = masker;
  let masked = text;
  if (kinds.has("secret")) masked = maskSecrets(masked, masker);
  if (kinds.has("email")) masked = maskEmails(masked, masker);
  if (kinds.has("card") || kinds.has("phone")) masked = maskNumbers(masked, masker);
  return masked;
}
