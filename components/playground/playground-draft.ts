import type { z } from "zod";
import { type MessageDraft, toVariableDrafts, toVariables, usedNames, type VariableDraft } from "@/components/prompts/version-draft";
import { MAX_TARGETS, type PlaygroundTarget, type startPlaygroundRun } from "@/lib/domain/playground/api";
import type { PromptVersion, Variable as VariableShape } from "@/lib/domain/prompts/api";

type Body = z.input<(typeof startPlaygroundRun)["body"]>;
type Variable = PromptVersion["variables"][number];

/** Everything that somebody typed or chose: survives a reload. */
export interface PlaygroundDraft {
  readonly messages: readonly MessageDraft[];
  readonly variables: Readonly<Record<string, VariableDraft>>;
  readonly temperature: string;
  readonly topP: string;
  readonly maxTokens: string;
  /** What the variables are filled with, as typed. */
  readonly values: Readonly<Record<string, string>>;
  /** A message after the prompt's own. */
  readonly question: string;
  readonly targets: readonly PlaygroundTarget[];
}

const numberText = (value: number | undefined): string => (value === undefined ? "" : String(value));

/** A version as a draft that nobody changed yet; without one an empty system message. */
export function toDraft(source: PromptVersion | null): PlaygroundDraft {
  return {
    messages: source?.messages.map((message, index) => ({ id: index + 1, ...message })) ?? [{ id: 1, role: "system", content: "" }],
    variables: toVariableDrafts(source),
    temperature: numberText(source?.parameters.temperature),
    topP: numberText(source?.parameters.top_p),
    maxTokens: numberText(source?.parameters.max_tokens),
    values: {},
    question: "",
    targets: [],
  };
}

/** A text that is no number is sent as it stands: the server then names the field. */
const toNumber = (text: string): unknown => (text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text);

/** What the fields cannot show of a variable (its schema, a default that is a list) stays as the version has it. */
function keepUnseen(variable: Variable, source: PromptVersion | null, draft: PlaygroundDraft): Variable {
  const known = source?.variables.find((v) => v.name === variable.name && v.type === variable.type);
  if (known === undefined) return variable;
  const isUntouched = draft.variables[variable.name]?.default === toVariableDrafts(source)[variable.name]?.default;
  const { schema } = known;
  return { ...variable, ...(schema === undefined ? {} : { schema }), ...(isUntouched ? { default: known.default } : {}) };
}

const toWhole = (variable: z.input<typeof VariableShape>): Variable => ({
  type: "string",
  required: true,
  default: null,
  description: "",
  ...variable,
});

/** The draft as the content of a version. */
export function toContent(draft: PlaygroundDraft, source: PromptVersion | null) {
  const { temperature: _, top_p: _topP, max_tokens: _maxTokens, ...kept } = source?.parameters ?? {};
  const fields = { temperature: draft.temperature, top_p: draft.topP, max_tokens: draft.maxTokens };
  const typed = Object.fromEntries(
    Object.entries(fields)
      .filter(([, text]) => text.trim() !== "")
      .map(([name, text]) => [name, toNumber(text)]),
  );
  return {
    messages: draft.messages.map(({ role, content }) => ({ role, content })),
    variables: toVariables(usedNames(draft.messages), draft.variables).map((v) => keepUnseen(toWhole(v), source, draft)),
    parameters: { ...kept, ...typed } as PromptVersion["parameters"],
  };
}

/** Whether the draft says what the version says; what a version has in other prompts is not compared. */
export function isSaved(draft: PlaygroundDraft, source: PromptVersion | null): boolean {
  return source !== null && JSON.stringify(toContent(draft, source)) === JSON.stringify(toContent(toDraft(source), source));
}

/** The variables to fill: those that the draft uses, then those that come with prompts that it takes in. */
export function variablesOf(draft: PlaygroundDraft, composed: readonly Variable[]): Variable[] {
  const own = toVariables(usedNames(draft.messages), draft.variables).map(toWhole);
  const names = new Set(own.map((v) => v.name));
  const sourceNames = new Set(Object.keys(draft.variables));
  return [...own, ...composed.filter((v) => !names.has(v.name) && !sourceNames.has(v.name))];
}

/** Text that is no value of its type goes as text: the server then says what is wanted. */
function toValue(type: Variable["type"], text: string): Variable["default"] {
  switch (type) {
    case "string":
      return text;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "number":
    case "integer":
      return toNumber(text) as string | number;
    case "array":
    case "object":
      try {
        return JSON.parse(text) as Variable["default"];
      } catch {
        return text;
      }
  }
}

/** The values to send; what was left empty is left out, so that its default holds or the server asks for it. */
export function toValues(draft: PlaygroundDraft, variables: readonly Variable[]): NonNullable<Body["variables"]> {
  const given = variables.filter((v) => (draft.values[v.name] ?? "") !== "");
  return Object.fromEntries(given.map((v) => [v.name, toValue(v.type, draft.values[v.name] ?? "")]));
}

export const targetKey = ({ kind, name }: PlaygroundTarget): string => `${kind}/${name}`;

/** Puts a target in or takes it out. A fifth changes nothing. */
export function toggleTarget(targets: readonly PlaygroundTarget[], target: PlaygroundTarget): readonly PlaygroundTarget[] {
  const without = targets.filter((t) => targetKey(t) !== targetKey(target));
  if (without.length < targets.length) return without;
  return targets.length >= MAX_TARGETS ? targets : [...targets, target];
}

interface RunParts {
  readonly source: PromptVersion | null;
  readonly variables: readonly Variable[];
  readonly environment: string;
}

/** What each target is asked. */
export function toRunBodies(draft: PlaygroundDraft, { source, variables, environment }: RunParts): Body[] {
  const content: Body["content"] =
    source !== null && isSaved(draft, source)
      ? { kind: "version", prompt: source.prompt, version: source.number }
      : { kind: "draft", ...toContent(draft, source) };
  const messages = draft.question.trim() === "" ? [] : [{ role: "user" as const, content: draft.question }];
  return draft.targets.map((target) => ({ environment, target, content, variables: toValues(draft, variables), messages }));
}
