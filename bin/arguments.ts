import { parseArgs } from "node:util";
import { UsageError } from "./errors";
import { COMMANDS, type CommandName } from "./help";

export interface Call {
  readonly command: CommandName;
  /** As it was given; "." where none was. */
  readonly directory: string;
  readonly url: string | undefined;
  readonly isJson: boolean;
  readonly isForced: boolean;
  readonly reason: string | undefined;
  readonly expectedPlan: string | undefined;
}
export type Asked = { readonly help: CommandName | "top" } | { readonly version: true } | { readonly call: Call };

const SHARED = { url: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;
const OWN: Readonly<Record<CommandName, Readonly<Record<string, { type: "string" | "boolean" }>>>> = {
  export: { force: { type: "boolean" } },
  plan: {},
  import: { reason: { type: "string" }, "expect-plan": { type: "string" } },
};

const TOKEN_FLAG =
  "A token is not given in a flag: everybody who lists the machine's processes would see it, and the shell would keep it. Set SWITCHYARD_TOKEN.";

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** @throws UsageError */
export function readArguments(argv: readonly string[]): Asked {
  if (argv.some((arg) => /^--?(?:access-|api-)?token(?:=|$)/.test(arg))) throw new UsageError(TOKEN_FLAG);
  const [first, ...rest] = argv;
  if (first === undefined || first === "--help" || first === "-h" || (first === "help" && rest.length === 0)) return { help: "top" };
  if (first === "--version") return { version: true };
  const name = first === "help" ? rest[0] : first;
  const command = COMMANDS.find((each) => each === name);
  if (command === undefined) throw new UsageError(`There is no command ${name}. There are: ${COMMANDS.join(", ")}.`);
  if (first === "help") return { help: command };
  const { values, positionals } = parse(command, rest);
  if (values.help === true) return { help: command };
  if (positionals.length > 1) throw new UsageError(`One directory at a time: ${positionals.join(", ")} are ${positionals.length}.`);
  const expectedPlan = text(values["expect-plan"]);
  if (expectedPlan !== undefined && !/^[0-9a-f]{64}$/.test(expectedPlan))
    throw new UsageError("--expect-plan takes the digest of `switchyard plan --json`: 64 hex digits.");
  return {
    call: {
      command,
      directory: positionals[0] ?? ".",
      url: text(values.url),
      isJson: values.json === true,
      isForced: values.force === true,
      reason: text(values.reason),
      expectedPlan,
    },
  };
}

function parse(command: CommandName, args: readonly string[]): { values: Readonly<Record<string, unknown>>; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: { ...SHARED, ...OWN[command] }, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
