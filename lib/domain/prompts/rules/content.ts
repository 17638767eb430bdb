import { type PromptKind, type PromptMessage, type PromptVariable, toTemplateText } from "@/lib/contracts/prompt";
import { toCanonicalJson } from "@/lib/core/canonical";
import { readPromptText } from "@/lib/core/composition";
import type { FieldError } from "@/lib/core/errors";
import { findSchemaMistakes } from "@/lib/core/json-schema";
import { findValueMistake } from "@/lib/core/prompt-variables";
import { findPlace, TemplateError } from "@/lib/core/template";

/** What a prompt version is: everything that its content hash covers. */
export interface PromptContent {
  readonly kind: PromptKind;
  /** A text prompt is one message of the role user. */
  readonly messages: readonly PromptMessage[];
  readonly variables: readonly PromptVariable[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

type Own = { readonly kind: "chat"; readonly messages: readonly PromptMessage[] } | { readonly kind: "text"; readonly text: string };

/** The content of what is registered: a text prompt is kept as the one user message that it is in a chat. */
export function toContent(body: Own & Pick<PromptContent, "variables" | "parameters">): PromptContent {
  const { kind, variables, parameters } = body;
  return { kind, messages: body.kind === "text" ? [{ role: "user", content: body.text }] : body.messages, variables, parameters };
}

/** Canonical JSON whose SHA-256 is the content hash; see docs/prompts.md for vectors. A chat's is what it was before there were texts. */
export function toPromptText(content: PromptContent): string {
  const { kind, messages, variables, parameters } = content;
  return toCanonicalJson(
    kind === "chat" ? { messages, variables, parameters } : { kind, text: toTemplateText(content), variables, parameters },
  );
}

/** Where the text of a message stands in the body. */
export function toContentPointer({ kind }: Pick<PromptContent, "kind">, message: number): string {
  return kind === "text" ? "/text" : `/messages/${message}/content`;
}

function findSchemaProblems({ type, schema }: PromptVariable, at: string): FieldError[] {
  if (schema === undefined) return [];
  const mistakes = findSchemaMistakes(schema, at);
  if (mistakes.length === 0 && schema.type !== undefined && schema.type !== type)
    return [{ pointer: `${at}/type`, detail: `is not the variable's type, ${type}: leave it out, or make them the same` }];
  return mistakes;
}

function findDefaultProblem(variable: PromptVariable): string | null {
  if (variable.default === null) return variable.required ? null : "is needed unless the variable is required";
  if (variable.required) return "cannot stand beside required: true";
  const mistake = findValueMistake(variable, variable.default);
  if (mistake === null) return null;
  return `${mistake}, because the variable is of the type ${variable.type}${variable.schema === undefined ? "" : " and has a schema"}`;
}

function sayUndeclared(content: string, name: string): string {
  const place = findPlace(content, name);
  const at = place === null ? "" : `line ${place.line}, column ${place.column}: `;
  return `${at}uses {{${name}}}, which is not among the variables. Declare it there, or write \\{{ for plain braces`;
}

/** Every mistake of a prompt's templates and variables, as pointers into the body. Empty when it can be registered. */
export function findPromptMistakes(content: PromptContent): FieldError[] {
  const errors: FieldError[] = [];
  const declared = new Map<string, number>();
  content.variables.forEach((variable, i) => {
    if (declared.has(variable.name)) errors.push({ pointer: `/variables/${i}/name`, detail: "is declared twice" });
    declared.set(variable.name, i);
    const schema = findSchemaProblems(variable, `/variables/${i}/schema`);
    errors.push(...schema);
    const wrong = schema.length > 0 ? null : findDefaultProblem(variable);
    if (wrong !== null) errors.push({ pointer: `/variables/${i}/default`, detail: wrong });
  });
  content.messages.forEach((message, i) => {
    const pointer = toContentPointer(content, i);
    try {
      for (const name of readPromptText(message.content).variables)
        if (!declared.has(name)) errors.push({ pointer, detail: sayUndeclared(message.content, name) });
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      errors.push({ pointer, detail: `line ${error.line}, column ${error.column}: ${error.reason}` });
    }
  });
  return errors;
}
