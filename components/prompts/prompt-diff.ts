import { prepareDiff } from "@/components/charts/prepare/diff";
import type { DiffSection } from "@/components/ui/diff-view";
import type { Words } from "@/lib/core/words";
import type { PromptVersion } from "@/lib/domain/prompts/api";

/** What of a version is compared. */
type Compared = Pick<PromptVersion, "messages" | "variables" | "parameters"> & { readonly kind?: PromptVersion["kind"] | undefined };

/** `temperature: 0.2`, one line each, in the order of their names. */
export function parameterLines(version: Pick<PromptVersion, "parameters">): string {
  return Object.entries(version.parameters)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value, null, 2) : String(value)}`)
    .join("\n");
}

function variableLines(version: Pick<PromptVersion, "variables">): string {
  return [...version.variables]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((variable) => {
      const need = variable.required ? "required" : `default ${JSON.stringify(variable.default)}`;
      const about = variable.description === "" ? "" : `, ${variable.description}`;
      const shape = variable.schema === undefined ? "" : `\n  ${JSON.stringify(variable.schema)}`;
      return `${variable.name}: ${variable.type}, ${need}${about}${shape}`;
    })
    .join("\n");
}

/** Messages by their place, then parameters and variables; a part that neither side has is left out. */
export function toDiffSections(before: Compared, after: Compared, words: Words): DiffSection[] {
  const count = Math.max(before.messages.length, after.messages.length);
  const messages = Array.from({ length: count }, (_, index) => {
    const was = before.messages[index];
    const willBe = after.messages[index];
    const roles = [...new Set([was?.role, willBe?.role].filter((role) => role !== undefined))];
    return {
      title: after.kind === "text" ? words.prompts.templateText : words.prompts.message({ number: index + 1, role: roles.join(" → ") }),
      before: was?.content ?? "",
      after: willBe?.content ?? "",
    };
  });
  return [
    ...messages,
    { title: words.prompts.parameters, before: parameterLines(before), after: parameterLines(after), numbered: false },
    { title: words.prompts.variablesTitle, before: variableLines(before), after: variableLines(after), numbered: false },
  ].filter((section) => section.before !== "" || section.after !== "");
}

export function countChanges(sections: readonly DiffSection[]): { changed: number; added: number; removed: number } {
  const total = { changed: 0, added: 0, removed: 0 };
  for (const section of sections) {
    const diff = prepareDiff(section.before, section.after);
    total.changed += diff.changed;
    total.added += diff.added;
    total.removed += diff.removed;
  }
  return total;
}
