import { promptContent } from "../files/content";
import type { Folder } from "../files/read-folder";
import type { PromptVersionFile } from "../files/shapes";
import { type Paint, toVisible } from "../io";
import { approvalOf, describeApproval, describeOnlyOnServer, describeStep, summarize } from "./describe";
import { diffLines, toHunks } from "./line-diff";
import type { Plan, RemoteProject, Step, StepOf } from "./types";

interface Shown {
  readonly plan: Plan;
  readonly folder: Folder;
  readonly remote: RemoteProject;
  readonly paint: Paint;
}

const MARK: Readonly<Record<Step["kind"], string>> = { create: "+", register: "+", score: "+", state: "~", move: "~" };
const MAX_ONLY_ON_SERVER = 20;

/** A version's text as lines: what a person compares. */
function toLines(version: PromptVersionFile | undefined): string[] {
  if (version === undefined) return [];
  const { kind, messages, ...rest } = promptContent(version);
  if (kind === "text") return [...messages.flatMap(({ content }) => content.split("\n")), ...toFieldLines(rest)];
  const texts = messages.flatMap(({ role, content }) => [`[${role}]`, ...content.split("\n")]);
  return [...texts, ...toFieldLines(rest)];
}

const toFieldLines = (fields: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(fields).flatMap(([field, value]) => (Object.keys(value ?? {}).length === 0 ? [] : [`${field}: ${JSON.stringify(value)}`]));

function printDiff({ folder, remote, paint }: Shown, step: StepOf<"register">): string[] {
  const versions = folder.prompts.find(({ name }) => name === step.name)?.value.versions ?? [];
  const of = (number: number) => versions.find((v) => v.number === number) ?? remote.prompts.get(step.name)?.versions.get(number);
  const hunks = toHunks(diffLines(toLines(of(step.version - 1)), toLines(of(step.version))));
  return hunks.map((line) => {
    const text = `      ${toVisible(line)}`;
    if (line.startsWith("+")) return paint.added(text);
    return line.startsWith("-") ? paint.removed(text) : paint.quiet(text);
  });
}

function printStep(shown: Shown, step: Step): string[] {
  const { paint } = shown;
  const mark = MARK[step.kind];
  const needed = approvalOf(step);
  const line = `  ${mark === "+" ? paint.added("+") : paint.warned("~")} ${describeStep(step)}`;
  const approval = needed === null ? [] : [`      ${paint.warned(describeApproval(needed))}`];
  const isText = step.kind === "register" && step.of === "prompt" && step.version > 1;
  return [line, ...approval, ...(isText ? printDiff(shown, step) : [])];
}

/** The plan for a person. */
export function printPlan(shown: Shown): string {
  const { plan, remote, paint } = shown;
  const { steps, conflicts, onlyOnServer, notices } = plan;
  const lines = [`Project ${paint.strong(remote.slug)}`, ""];
  if (steps.length > 0) lines.push("Import would:", ...steps.flatMap((step) => printStep(shown, step)), "");
  if (conflicts.length > 0)
    lines.push(
      paint.removed("In the way:"),
      ...conflicts.map(({ file, line, column, detail }) => `  ${paint.removed("!")} ${file}:${line}:${column}: ${toVisible(detail)}`),
      "",
    );
  if (notices.length > 0) lines.push("To know:", ...notices.map(({ of, name, detail }) => `  · ${of} ${name}: ${detail}`), "");
  if (onlyOnServer.length > 0) {
    const more = onlyOnServer.length - MAX_ONLY_ON_SERVER;
    lines.push(
      "Only on the server; an import deletes nothing:",
      ...onlyOnServer.slice(0, MAX_ONLY_ON_SERVER).map((what) => paint.quiet(`  · ${describeOnlyOnServer(what)}`)),
      ...(more > 0 ? [paint.quiet(`  · and ${more} more`)] : []),
      "",
    );
  }
  lines.push(steps.length + conflicts.length === 0 ? "No differences." : `${summarize(plan)}.`);
  return `${lines.join("\n")}\n`;
}

/** The plan for a program; docs/command.md describes the shape. */
export function toPlanJson(plan: Plan, { project, digest }: { project: string; digest: string }) {
  const { steps, conflicts, onlyOnServer, notices, sameVersions } = plan;
  return {
    format: 1,
    project,
    digest,
    steps: steps.map(({ preferAfter: _p, ...step }) => ({ ...step, description: describeStep(step as Step) })),
    conflicts,
    notices,
    onlyOnServer,
    sameVersions,
    needsApproval: steps.filter((step) => approvalOf(step) !== null).map((step) => step.id),
  };
}
