/** What the command has of its machine, so that a test can hand it something else. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether a person reads what goes to `out`. */
  readonly isTerminal: boolean;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly sleep: (ms: number) => Promise<void>;
  /** Between 0 and 1: how far the waits of a retry are spread. */
  readonly chance: () => number;
}

export interface Paint {
  readonly added: (text: string) => string;
  readonly removed: (text: string) => string;
  readonly warned: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
}

const sgr = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const plain = (text: string) => text;

const COLOURS: Paint = { added: sgr(32), removed: sgr(31), warned: sgr(33), quiet: sgr(2), strong: sgr(1) };
const PLAIN: Paint = { added: plain, removed: plain, warned: plain, quiet: plain, strong: plain };

/** Colour for a person at a terminal, unless NO_COLOR (https://no-color.org) is set to anything. */
export function choosePaint({ env, isTerminal }: Pick<Io, "env" | "isTerminal">): Paint {
  const isRefused = (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";
  return isTerminal && !isRefused ? COLOURS : PLAIN;
}

/** Text of somebody else's on a terminal: no escape sequence of it is obeyed. */
export function toVisible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, (c) =>
    c === "\n" || c === "\t" ? c : `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
