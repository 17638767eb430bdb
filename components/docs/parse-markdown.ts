/** The little of Markdown that our own pages use. Nothing of a user is ever given to it. */
export type Block =
  | { readonly kind: "heading"; readonly level: number; readonly text: string }
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "list"; readonly ordered: boolean; readonly items: readonly string[] }
  | { readonly kind: "code"; readonly language: string; readonly text: string };

export type Inline =
  | { readonly kind: "text" | "code" | "strong"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

const HEADING = /^(#{1,4}) +(.+)$/;
const ITEM = /^(?:[-*]|(\d+)\.) +(.+)$/;
const FENCE = /^```(\S*)$/;

function takeWhile(lines: readonly string[], from: number, goesOn: (line: string) => boolean): string[] {
  const end = lines.findIndex((line, index) => index >= from && !goesOn(line));
  return lines.slice(from, end < 0 ? lines.length : end);
}

const isPlain = (line: string) => line.trim() !== "" && !HEADING.test(line) && !ITEM.test(line) && !FENCE.test(line);

function readList(lines: readonly string[], at: number): { block: Block; next: number } {
  const taken = takeWhile(lines, at, (line) => ITEM.test(line) || /^ {2,}\S/.test(line));
  const items: string[] = [];
  for (const line of taken) {
    const text = ITEM.exec(line)?.[2];
    if (text !== undefined) items.push(text);
    else items.push(`${items.pop() ?? ""} ${line.trim()}`);
  }
  return { block: { kind: "list", ordered: ITEM.exec(lines[at] ?? "")?.[1] !== undefined, items }, next: at + taken.length };
}

function readBlock(lines: readonly string[], at: number): { block: Block | null; next: number } {
  const line = lines[at] ?? "";
  const heading = HEADING.exec(line);
  if (heading !== null) return { block: { kind: "heading", level: heading[1]?.length ?? 1, text: heading[2] ?? "" }, next: at + 1 };
  const fence = FENCE.exec(line);
  if (fence !== null) {
    const text = takeWhile(lines, at + 1, (each) => !FENCE.test(each));
    return { block: { kind: "code", language: fence[1] ?? "", text: text.join("\n") }, next: at + text.length + 2 };
  }
  if (ITEM.test(line)) return readList(lines, at);
  if (!isPlain(line)) return { block: null, next: at + 1 };
  const text = takeWhile(lines, at, isPlain);
  return { block: { kind: "paragraph", text: text.join(" ") }, next: at + text.length };
}

export function parseMarkdown(source: string): Block[] {
  const lines = source.split(/\r?\n/);
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const { block, next } = readBlock(lines, at);
    if (block !== null) blocks.push(block);
    at = next;
  }
  return blocks;
}

/** Code, bold and links inside a line. Only links to our own pages, to https and to anchors stay links. */
export function parseInline(text: string): Inline[] {
  const parts: Inline[] = [];
  let from = 0;
  for (const match of text.matchAll(/`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g)) {
    if (match.index > from) parts.push({ kind: "text", text: text.slice(from, match.index) });
    const [whole, code, strong, label, href = ""] = match;
    if (code !== undefined) parts.push({ kind: "code", text: code });
    else if (strong !== undefined) parts.push({ kind: "strong", text: strong });
    else if (/^(?:\/(?!\/)|#|https:\/\/|[\w.-]+\.md(?:#|$))/.test(href)) parts.push({ kind: "link", text: label ?? "", href });
    else parts.push({ kind: "text", text: label ?? "" });
    from = match.index + whole.length;
  }
  if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
  return parts;
}
