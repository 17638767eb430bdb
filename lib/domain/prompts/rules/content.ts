import type { PromptMessage, PromptVariable } from "@/lib/contracts/gateway-config";
import { toCanonicalJson } from "@/lib/core/canonical";
import { readPromptText } from "@/lib/core/composition";
import type { FieldError } from "@/lib/core/errors";
import { TemplateError } from "@/lib/core/template";

/** What a prompt version is: everything that its content hash covers. */
export interface PromptContent {
  readonly messages: readonly PromptMessage[];
  readonly variables: readonly PromptVariable[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Canonical JSON whose SHA-256 is the content hash; see docs/releases.md for vectors. */
export function toPromptText(content: PromptContent): string {
  return toCanonicalJson({ messages: content.messages, variables: content.variables, parameters: content.parameters });
}

function hasDefaultOfType(variable: PromptVariable): boolean {
  switch (variable.type) {
    case "string":
      return typeof variable.default === "string";
    case "boolean":
      return typeof variable.default === "boolean";
    case "number":
      return typeof variable.default === "number";
    case "integer":
      return typeof variable.default === "number" && Number.isInteger(variable.default);
  }
}

/** Every mistake of a prompt's templates and variables, as pointers into the body. Empty when it can be registered. */
export function findPromptMistakes(content: PromptContent): FieldError[] {
  const errors: FieldError[] = [];
  const declared = new Map<string, number>();
  content.variables.forEach((variable, i) => {
    if (declared.has(variable.name)) errors.push({ pointer: `/variables/${i}/name`, detail: "is declared twice" });
    declared.set(variable.name, i);
    if (variable.default !== null && !hasDefaultOfType(variable))
      errors.push({ pointer: `/variables/${i}/default`, detail: `is not of the type ${variable.type}` });
    if (variable.default !== null && variable.required)
      errors.push({ pointer: `/variables/${i}/default`, detail: "cannot stand beside required: true" });
    if (variable.default === null && !variable.required)
      errors.push({ pointer: `/variables/${i}/default`, detail: "is needed unless the variable is required" });
  });
  content.messages.forEach((message, i) => {
    try {
      for (const name of readPromptText(message.content).variables)
        if (!declared.has(name))
          errors.push({ pointer: `/messages/${i}/content`, detail: `uses {{${name}}}, which is not among the variables` });
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      errors.push({ pointer: `/messages/${i}/content`, detail: `line ${error.line}, column ${error.column}: ${error.reason}` });
    }
  });
  return errors;
}
