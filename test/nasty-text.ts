import { fc } from "./property";

/** Text that YAML readers get wrong, alone and glued together. */
const NASTY = [
  ..."null ~ yes no on off true 1.0 0x1f 1e3 .inf 12:30 2026-11-20 <<".split(" "),
  ...["- a", "a: b", "# c", "? k", "--- ", "...", "%TAG", "@x", "`", "'", '"', "\\", "|", ">", "*a", "&a", "!t", "{}", "[]"],
  ...["\n", "\n\n", "\r", "\r\n", "\t", " ", "  \n", "\u0085", "\u2028", "\uFEFF", "\u007F", "\u200B", "\u0001", "한글\n", "🙂"],
];
/** Of up to this many pieces; nothing that PostgreSQL could not keep. */
export const nastyText = (maxLength = 6) =>
  fc
    .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: "grapheme", maxLength: 8 })), { maxLength })
    .map((parts) => parts.join(""))
    .filter((t) => !/[\0\p{Surrogate}]/u.test(t));
