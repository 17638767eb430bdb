import type { LedgerLine } from "./compare";

/** A time in which a gateway was killed and not yet back, Unix milliseconds. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A request as the client wrote it down, with when it ended. */
export interface TimedLine extends LedgerLine {
  readonly at: string;
  readonly status: number;
}

/** The clocks of client and script are one; writing a line down takes a moment. */
const SLACK_MS = 1_000;

interface Asked {
  readonly fromMs: number;
  readonly toMs: number;
  /** Requests a second. */
  readonly rate: number;
}

/** Says so where fewer than half of the requests of a time were answered whole: what was hardly asked proves nothing. */
export function findTooFew(lines: readonly TimedLine[], { fromMs, toMs, rate }: Asked): string | null {
  const least = Math.max(1, Math.ceil((rate * (toMs - fromMs)) / 2_000));
  const answered = lines.filter(({ at, outcome }) => outcome === "complete" && Date.parse(at) >= fromMs && Date.parse(at) < toMs).length;
  return answered >= least ? null : `a client had ${answered} answers during the outage, and at least ${least} were to be tested`;
}

/** What a client must not have seen: anything but a complete answer, unless its gateway was being killed or was not back yet. */
export function findAddedErrors(lines: readonly TimedLine[], gaps: readonly Gap[]): TimedLine[] {
  return lines.filter((line) => {
    if (line.outcome === "complete") return false;
    const at = Date.parse(line.at);
    return !gaps.some((gap) => at >= gap.fromMs && at <= gap.toMs + SLACK_MS);
  });
}
