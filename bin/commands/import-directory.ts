import { Reason } from "@/lib/contracts/page";
import type { Call } from "../arguments";
import { CommandError, EXIT, type ExitCode, UsageError } from "../errors";
import { type Outcome, runPlan } from "../import/run-plan";
import { choosePaint, type Io, type Paint } from "../io";
import { describeStep } from "../plan/describe";
import type { Plan, RemoteProject } from "../plan/types";
import type { RestClient } from "../rest-client";
import { type Opened, openPlan } from "./open-plan";

const moves = ({ steps }: Plan) => steps.some(({ kind }) => kind === "move" || kind === "state");

/** @throws UsageError when something moves and nobody said why */
function readReason({ reason }: Call, plan: Plan): string {
  if (reason === undefined && !moves(plan)) return "";
  const read = Reason.safeParse(reason ?? "");
  if (read.success) return read.data;
  if (reason !== undefined) throw new UsageError(`--reason ${read.error.issues[0]?.message ?? "is not valid"}.`);
  throw new UsageError('Labels, aliases or states move, and each move keeps its reason. Say it: --reason "Shorter answers"');
}

/** @throws CommandError */
function assertImportable({ plan, digest }: Opened, { expectedPlan }: Call): void {
  if (plan.conflicts.length > 0)
    throw new CommandError(
      "Something is in the way. Nothing was done.",
      plan.conflicts.map(({ file, line, column, detail }) => `${file}:${line}:${column}: ${detail}`),
    );
  if (expectedPlan !== undefined && expectedPlan !== digest)
    throw new CommandError("The plan is not the expected one any more: the directory or the server has changed. Nothing was done.", [
      `expected ${expectedPlan}`,
      `now      ${digest}`,
      "Look at it with `switchyard plan`, then name its digest.",
    ]);
}

const approvalLink = (client: RestClient, remote: RemoteProject, number: number) => `${client.url}/${remote.slug}/approvals/${number}`;

function printOutcome({ step, result }: Outcome, { paint, link }: { paint: Paint; link: (approval: number) => string }): string {
  const what = describeStep(step);
  switch (result.state) {
    case "done":
      return `${paint.added("done    ")}  ${what}\n`;
    case "waiting": {
      const why =
        result.approval === null ? result.why : `${result.isNew ? "asked for" : "is asked for already"}: ${link(result.approval)}`;
      return `${paint.warned("waiting ")}  ${what}\n            ${why}\n`;
    }
    case "blocked":
      return `${paint.warned("waiting ")}  ${what}\n            comes after: ${result.by}\n`;
    case "failed":
      return `${paint.removed("failed  ")}  ${what}\n`;
    case "not_tried":
      return `${paint.quiet("not done")}  ${what}\n`;
  }
}

/** Makes the server hold what the directory says. */
export async function importDirectory(io: Io, client: RestClient, call: Call): Promise<ExitCode> {
  const opened = await openPlan(io, client, call);
  assertImportable(opened, call);
  const { plan, folder, remote, digest } = opened;
  const reason = readReason(call, plan);
  const paint = choosePaint(io);
  const link = (number: number) => approvalLink(client, remote, number);
  const onStep = (outcome: Outcome) => {
    if (!call.isJson) io.out(printOutcome(outcome, { paint, link }));
  };
  const { outcomes, error } = await runPlan(plan.steps, { client, folder, reason, onStep });
  const count = (...states: string[]) => outcomes.filter(({ result }) => states.includes(result.state)).length;
  const [done, waiting] = [count("done"), count("waiting", "blocked")];
  if (call.isJson) io.out(`${JSON.stringify(toImportJson(outcomes, { project: remote.slug, digest, error, link }), null, 2)}\n`);
  else
    io.out(
      outcomes.length === 0 ? "No differences.\n" : `${done} done, ${waiting} waiting, ${outcomes.length - done - waiting} not done.\n`,
    );
  if (error !== null) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(error.message, [...error.lines, "What was done stays done; run the same command again to go on."]);
  }
  return waiting > 0 ? EXIT.waiting : EXIT.done;
}

interface Context {
  readonly project: string;
  readonly digest: string;
  readonly error: unknown;
  readonly link: (approval: number) => string;
}

/** What an import did, for a program; docs/command.md describes the shape. */
function toImportJson(outcomes: readonly Outcome[], { project, digest, error, link }: Context) {
  return {
    format: 1,
    project,
    digest,
    steps: outcomes.map(({ step, result }) => ({
      id: step.id,
      description: describeStep(step),
      state: result.state,
      approval: result.state === "waiting" && result.approval !== null ? { number: result.approval, url: link(result.approval) } : null,
      after: result.state === "blocked" ? result.by : null,
      why: result.state === "waiting" && result.approval === null ? result.why : null,
    })),
    error: error instanceof Error ? error.message : null,
  };
}
