import type { PromptKind, PromptMessage, PromptVariable } from "@/lib/contracts/prompt";
import { toCanonicalJson } from "@/lib/core/canonical";
import { type Composition, type Include, joinComposition, parseComposition, toReference } from "@/lib/core/composition";
import type { FieldError } from "@/lib/core/errors";
import { TemplateError } from "@/lib/core/template";
import { toContentPointer } from "./content";

/** A prompt inside a prompt inside … at most this often. */
export const MAX_COMPOSITION_DEPTH = 5;
/** Composed text of one prompt, in UTF-16 units: what a prompt of its own may have. */
const MAX_COMPOSED_LENGTH = 1_000_000;

/** Different references in one composed prompt: each is looked up wherever the prompt is composed. */
export const MAX_INCLUDES = 100;

export interface PromptPart {
  readonly kind: PromptKind;
  readonly messages: readonly PromptMessage[];
  readonly variables: readonly PromptVariable[];
}

/** A version that a place takes in. */
export interface IncludedVersion extends PromptPart {
  readonly versionId: string;
  readonly name: string;
  readonly number: number;
  readonly contentHash: string;
}

/** What each reference (`name@label`, `name#3`) means; null where it means nothing, absent beyond the first MAX_INCLUDES. */
export type Meanings = ReadonlyMap<string, IncludedVersion | null>;

/** One reference and the version that it was resolved to. */
export interface ResolvedInclude {
  readonly reference: string;
  readonly versionId: string;
  readonly name: string;
  readonly number: number;
  readonly contentHash: string;
}

export interface ComposedPrompt extends PromptPart {
  /** Every reference on the way, each once, sorted. Empty: the prompt stands alone. */
  readonly includes: readonly ResolvedInclude[];
}

/** The references of a prompt's messages, each once. Text that cannot be read has none: its mistake is told elsewhere. */
export function listReferences({ messages }: Pick<PromptPart, "messages">): Include[] {
  const found = new Map<string, Include>();
  for (const { content } of messages) for (const include of readQuietly(content).includes) found.set(toReference(include), include);
  return [...found.values()];
}

function readQuietly(content: string): Composition {
  try {
    return parseComposition(content);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { chunks: [content], includes: [] };
  }
}

const say = ({ line, column }: { line: number; column: number }, reason: string) => `line ${line}, column ${column}: ${reason}`;

interface Walk {
  readonly kind: PromptKind;
  /** The outermost prompt. */
  readonly name: string;
  readonly meanings: Meanings;
  readonly variables: Map<string, { variable: PromptVariable; owner: string }>;
  readonly includes: Map<string, ResolvedInclude>;
  length: number;
}

class CompositionError extends Error {}

function takeVariables(walk: Walk, part: PromptPart, owner: string): void {
  for (const variable of part.variables) {
    const known = walk.variables.get(variable.name);
    if (known === undefined) walk.variables.set(variable.name, { variable, owner });
    else if (known.variable.type !== variable.type)
      throw new CompositionError(
        `{{${variable.name}}} is ${known.variable.type} in ${known.owner} and ${variable.type} in ${owner}; give one of them another name`,
      );
    else if (known.owner !== walk.name && toCanonicalJson(known.variable.schema ?? {}) !== toCanonicalJson(variable.schema ?? {}))
      throw new CompositionError(
        `{{${variable.name}}} has one schema in ${known.owner} and another in ${owner}; declare it in ${walk.name} with the one that holds`,
      );
  }
}

/** The text that stands for an include. `path`: the names of the prompts that lead here, outermost first. */
function expand(walk: Walk, include: Include, path: readonly string[]): string {
  const reference = toReference(include);
  if (path.includes(include.name)) throw new CompositionError(`${[...path, include.name].join(" → ")} goes in a circle`);
  if (path.length > MAX_COMPOSITION_DEPTH)
    throw new CompositionError(
      `prompts stand in one another more than ${MAX_COMPOSITION_DEPTH} deep: ${[...path, include.name].join(" → ")}`,
    );
  const version = walk.meanings.get(reference);
  if (version === undefined) throw new CompositionError(`it takes in more than ${MAX_INCLUDES} different prompts`);
  if (version === null) throw new CompositionError(`there is no ${reference}`);
  const [message, ...others] = version.messages;
  if (message === undefined || others.length > 0)
    throw new CompositionError(
      `${reference} has ${version.messages.length} messages; only a prompt of one message can stand inside another`,
    );
  if (walk.kind === "text" && version.kind === "chat")
    throw new CompositionError(
      `${reference} is a chat prompt, whose role has no place in a text; a text prompt takes in text prompts only`,
    );
  const { versionId, name, number, contentHash } = version;
  walk.includes.set(reference, { reference, versionId, name, number, contentHash });
  takeVariables(walk, version, `${name} v${number}`);
  return expandText(walk, message.content, [...path, include.name]);
}

function expandText(walk: Walk, content: string, path: readonly string[]): string {
  const composition = parseComposition(content);
  const texts = composition.includes.map((include) => {
    try {
      return expand(walk, include, path);
    } catch (error) {
      // The place in the outermost text is where it can be mended.
      if (error instanceof CompositionError && path.length === 1) throw new TemplateError(error.message, include.line, include.column);
      throw error;
    }
  });
  const text = joinComposition(composition, texts);
  // Nothing counts too: an empty text taken in a million times is work as well.
  walk.length += text.length + 1;
  if (walk.length > MAX_COMPOSED_LENGTH) throw new CompositionError(`the composed prompt has more than ${MAX_COMPOSED_LENGTH} characters`);
  return text;
}

/**
 * A prompt with every other prompt that it takes in put in its place. Variables are joined: the outer declaration counts where names are
 * the same, and types must agree. Mistakes are pointers into the outer prompt's body.
 */
export function composePrompt(
  name: string,
  prompt: PromptPart,
  meanings: Meanings,
): { composed: ComposedPrompt; mistakes: [] } | { composed: null; mistakes: FieldError[] } {
  const walk: Walk = { kind: prompt.kind, name, meanings, variables: new Map(), includes: new Map(), length: 0 };
  const mistakes: FieldError[] = [];
  takeVariables(walk, prompt, name);
  const messages = prompt.messages.map((message, i): PromptMessage => {
    try {
      return { role: message.role, content: expandText(walk, message.content, [name]) };
    } catch (error) {
      if (!(error instanceof TemplateError || error instanceof CompositionError)) throw error;
      const detail = error instanceof TemplateError ? say(error, error.reason) : error.message;
      mistakes.push({ pointer: toContentPointer(prompt, i), detail });
      return message;
    }
  });
  if (mistakes.length > 0) return { composed: null, mistakes };
  const includes = [...walk.includes.values()].sort((a, b) => (a.reference < b.reference ? -1 : 1));
  return {
    composed: { kind: prompt.kind, messages, variables: [...walk.variables.values()].map((v) => v.variable), includes },
    mistakes: [],
  };
}
