import { getModelAlias, moveModelAlias } from "@/lib/domain/pointers/api";
import { createPrompt, createPromptVersion, getPromptLabel, movePromptLabel } from "@/lib/domain/prompts/api";
import {
  addModelVersionScores,
  changeModelVersionState,
  createModel,
  createModelVersion,
  getModelVersion,
  verifyModelVersion,
} from "@/lib/domain/registry/api";
import { describeBlocker } from "@/lib/domain/registry/rules/version-state";
import { CommandError } from "../errors";
import { toRegistered } from "../files/content";
import type { Folder } from "../files/read-folder";
import type { Step, StepOf } from "../plan/types";
import { Refusal, type RestClient } from "../rest-client";
import { askApproval, type Wish } from "./ask-approval";

export type StepResult =
  | { readonly state: "done" }
  /** For people, in the approval of this number. */
  | { readonly state: "waiting"; readonly approval: number; readonly isNew: boolean }
  /** For what must be so before it can be asked for, in a sentence. */
  | { readonly state: "waiting"; readonly approval: null; readonly why: string };

export interface Outcome {
  readonly step: Step;
  readonly result:
    | StepResult
    | { readonly state: "blocked"; readonly by: string }
    | { readonly state: "failed" }
    | { readonly state: "not_tried" };
}

export interface Running {
  readonly client: RestClient;
  readonly folder: Folder;
  readonly reason: string;
  /** Told of each step as it ends. */
  readonly onStep: (outcome: Outcome) => void;
}

/** @throws Error for a step that names what the directory does not hold: a plan is only made of it */
function found<T>(value: T | undefined, step: Step): T {
  if (value === undefined) throw new Error(`${step.id} is not in the directory`);
  return value;
}

async function create({ client, folder }: Running, step: StepOf<"create">): Promise<StepResult> {
  const { name } = step;
  if (step.of === "prompt") {
    const { description } = found(
      folder.prompts.find((p) => p.name === name),
      step,
    ).value;
    await client.call(createPrompt, { body: { name, description } });
  } else {
    const { description, tags } = found(
      folder.models.find((m) => m.name === name),
      step,
    ).value;
    await client.call(createModel, { body: { name, description, tags } });
  }
  return { state: "done" };
}

async function register({ client, folder }: Running, step: StepOf<"register">): Promise<StepResult> {
  const { name, version: number } = step;
  const params = { name };
  if (step.of === "prompt") {
    const versions = folder.prompts.find((p) => p.name === name)?.value.versions;
    const { contentHash: _, ...body } = found(
      versions?.find((v) => v.number === number),
      step,
    );
    assertSame(step, (await client.call(createPromptVersion, { params, body })).contentHash);
  } else {
    const versions = folder.models.find((m) => m.name === name)?.value.versions;
    const body = {
      ...toRegistered(
        found(
          versions?.find((v) => v.number === number),
          step,
        ),
      ),
      number,
    };
    assertSame(step, (await client.call(createModelVersion, { params, body })).digest);
  }
  return { state: "done" };
}

/** What was registered is what was planned, or this command and the server disagree about digests. */
function assertSame(step: StepOf<"register">, hash: string): void {
  if (hash !== step.hash)
    throw new CommandError(`The server's digest of ${step.name} version ${step.version} is ${hash}, not ${step.hash}.`, [
      "The version is registered. Use the command of the server's own release.",
    ]);
}

const isTarget = (change: Readonly<Record<string, unknown>>, { name, pointer, to }: StepOf<"move">) => {
  const target = change.to;
  const number = typeof target === "object" && target !== null && "number" in target ? target.number : null;
  return change.owner === name && change.name === pointer && number === to && change.validFrom === null;
};

async function move({ client, reason }: Running, step: StepOf<"move">): Promise<StepResult> {
  const { name, pointer, to } = step;
  if (step.approval !== null) {
    const isPrompt = step.of === "prompt";
    const wish: Wish = {
      kind: isPrompt ? "prompt-label" : "model-alias",
      subject: isPrompt ? { prompt: name, label: pointer, version: to } : { model: name, alias: pointer, version: to },
      matches: (change) => isTarget(change, step),
    };
    const asked = await askApproval(client, wish, reason);
    if (asked.state === "pending") return { state: "waiting", approval: asked.number, isNew: asked.isNew };
  }
  const sent = { body: { version: to, reason }, ifMatch: step.revision === null ? undefined : String(step.revision) };
  try {
    if (step.of === "prompt") await client.call(movePromptLabel, { params: { name, label: pointer }, ...sent });
    else await client.call(moveModelAlias, { params: { name, alias: pointer }, ...sent });
  } catch (error) {
    // The answer to our own move was lost and it was sent again: a PUT has no idempotency key, only the ETag that it has changed.
    const isMoved = error instanceof Refusal && error.code.startsWith("precondition_") && (await readTarget(client, step)) === to;
    if (!isMoved) throw error;
  }
  return { state: "done" };
}

async function readTarget(client: RestClient, { of, name, pointer }: StepOf<"move">): Promise<number> {
  const found =
    of === "prompt"
      ? await client.call(getPromptLabel, { params: { name, label: pointer } })
      : await client.call(getModelAlias, { params: { name, alias: pointer } });
  return found.version;
}

/** Why a version cannot be asked for yet; starts the reading of its artifacts where nobody has. null: it can. */
async function findBlocker(client: RestClient, params: { name: string; version: number }): Promise<string | null> {
  const { blockers } = await client.call(getModelVersion, { params });
  if (blockers.length === 0) return null;
  if (!blockers.some(({ code }) => code === "not_verified")) return blockers.map(describeBlocker).join(" ");
  await client.call(verifyModelVersion, { params, occasion: "before approval" });
  return "Its artifacts are being verified now. Run the command again when that has ended.";
}

async function changeState({ client, reason }: Running, step: StepOf<"state">): Promise<StepResult> {
  const { name, version, to } = step;
  const params = { name, version };
  if (step.approval !== null) {
    const why = await findBlocker(client, params);
    if (why !== null) return { state: "waiting", approval: null, why };
    const wish: Wish = {
      kind: "model-version-approval",
      subject: { model: name, version },
      matches: (change) => change.model === name && change.number === version,
    };
    const asked = await askApproval(client, wish, reason);
    if (asked.state === "pending") return { state: "waiting", approval: asked.number, isNew: asked.isNew };
  }
  await client.call(changeModelVersionState, { params, body: { to, reason } });
  return { state: "done" };
}

function runStep(running: Running, step: Step): Promise<StepResult> {
  switch (step.kind) {
    case "create":
      return create(running, step);
    case "register":
      return register(running, step);
    case "score":
      return running.client
        .call(addModelVersionScores, { params: { name: step.name, version: step.version }, body: { scores: [...step.scores] } })
        .then(() => ({ state: "done" }));
    case "state":
      return changeState(running, step);
    case "move":
      return move(running, step);
  }
}

/**
 * Does the steps one after the other. What needs an approval is asked for and waits, and so does what comes after it; the first step that
 * fails ends it. `error` is what it failed with.
 */
export async function runPlan(steps: readonly Step[], running: Running): Promise<{ outcomes: readonly Outcome[]; error: unknown }> {
  const outcomes: Outcome[] = [];
  const held = new Set<string>();
  let error: unknown = null;
  const end = (outcome: Outcome) => {
    outcomes.push(outcome);
    running.onStep(outcome);
  };
  for (const step of steps) {
    const by = step.after.find((id) => held.has(id));
    if (error !== null) end({ step, result: { state: "not_tried" } });
    else if (by !== undefined) {
      held.add(step.id);
      end({ step, result: { state: "blocked", by } });
    } else {
      try {
        const result = await runStep(running, step);
        if (result.state === "waiting") held.add(step.id);
        end({ step, result });
      } catch (thrown) {
        error = thrown;
        end({ step, result: { state: "failed" } });
      }
    }
  }
  return { outcomes, error };
}
