import type { Io } from "@/bin/io";
import { runSwitchyard } from "@/bin/run";
import type { Method } from "./routes";
import { send, type TestWeb, type Visitor } from "./web";

const URL_OF_TESTS = "http://switchyard.test";

/** What the command said, and its exit code. */
export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** Between the command and the server: may answer itself, or break the connection by throwing. */
export type Between = (sent: Sent, answer: () => Promise<Response>) => Promise<Response>;

export interface Commander {
  /** Calls since the beginning, in order. */
  readonly calls: Sent[];
  run(...argv: string[]): Promise<Told>;
}

interface Surroundings {
  readonly between?: Between;
  /** What a wait before another attempt does. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** The switchyard command as this visitor, against the routes of the test's web process. */
export function commandAs(web: TestWeb, { headers }: Visitor, { between, sleep = async () => {} }: Surroundings = {}): Commander {
  const calls: Sent[] = [];
  const env = { SWITCHYARD_URL: URL_OF_TESTS, SWITCHYARD_TOKEN: headers.authorization?.replace("Bearer ", "") };
  return {
    calls,
    async run(...argv) {
      const said = { out: "", err: "" };
      const io: Io = {
        env,
        cwd: "/",
        out: (text) => {
          said.out += text;
        },
        err: (text) => {
          said.err += text;
        },
        isTerminal: false,
        async fetch(url, init) {
          const { pathname, search } = new URL(url);
          const text = typeof init.body === "string" ? init.body : undefined;
          const given = init.headers as Record<string, string>;
          const sent = {
            method: init.method ?? "GET",
            path: `${pathname}${search}`,
            body: text === undefined ? undefined : JSON.parse(text),
            headers: given,
          };
          calls.push(sent);
          const answer = () =>
            send(web, { label: "command", headers: {} }, `${sent.method as Method} ${sent.path}`, { text, headers: given });
          return between === undefined ? answer() : between(sent, answer);
        },
        sleep,
        chance: () => 0.5,
      };
      const code = await runSwitchyard(argv, io, "0.0.0");
      return { code, ...said };
    },
  };
}
