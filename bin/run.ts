import { readArguments } from "./arguments";
import { exportProject } from "./commands/export-project";
import { importDirectory } from "./commands/import-directory";
import { FolderMistakes } from "./commands/open-plan";
import { showPlan } from "./commands/show-plan";
import { CommandError, EXIT, type ExitCode, UsageError } from "./errors";
import { HELP } from "./help";
import { choosePaint, type Io, toVisible } from "./io";
import { createRestClient, readConnection } from "./rest-client";

const COMMANDS = { export: exportProject, plan: showPlan, import: importDirectory };

/** The whole command: arguments in, text out, the exit code back. Throws only what is a defect of its own. */
export async function runSwitchyard(argv: readonly string[], io: Io, version: string): Promise<ExitCode> {
  try {
    const asked = readArguments(argv);
    if ("help" in asked) io.out(HELP[asked.help]);
    else if ("version" in asked) io.out(`switchyard ${version}\n`);
    else return await COMMANDS[asked.call.command](io, createRestClient(io, readConnection(io.env, asked.call.url)), asked.call);
    return EXIT.done;
  } catch (error) {
    return tell(io, argv, error);
  }
}

function tell(io: Io, argv: readonly string[], error: unknown): ExitCode {
  const paint = choosePaint(io);
  if (error instanceof UsageError) {
    io.err(`${paint.removed("switchyard:")} ${error.message}\nswitchyard --help says how it is called.\n`);
    return EXIT.usage;
  }
  if (!(error instanceof CommandError) && !isFileError(error)) throw error;
  const lines = error instanceof CommandError ? error.lines : [];
  io.err(`${paint.removed("switchyard:")} ${toVisible(error.message)}\n${lines.map((line) => `  ${toVisible(line)}\n`).join("")}`);
  if (argv.includes("--json") && error instanceof FolderMistakes)
    io.out(`${JSON.stringify({ format: 1, mistakes: error.mistakes }, null, 2)}\n`);
  return EXIT.failed;
}

/** The machine said no: a full disk, a folder that may not be written. */
function isFileError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && "syscall" in error;
}
