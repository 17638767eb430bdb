import { z } from "zod";
import { toDiffSections } from "@/components/prompts/prompt-diff";
import type { DiffSection } from "@/components/ui/diff-view";
import type { Words } from "@/lib/core/words";
import type { ApprovalContent } from "@/lib/domain/approvals/api";
import { PromptVersion } from "@/lib/domain/prompts/api";

const Version = z.looseObject({ number: z.int() });
const Change = z.object({ owner: z.string(), name: z.string(), revision: z.int(), from: Version.nullable(), to: Version.nullable() });
const { messages, variables, parameters } = PromptVersion.shape;
const Prompt = z.object({ messages, variables, parameters });
const Composed = z.object({
  contentHash: z.string().nullable(),
  messages,
  variables,
  includes: z.array(
    z.object({ reference: z.string(), version: z.int(), contentHash: z.string(), held: z.enum(["version", "protected", "free"]) }),
  ),
});
export type Composed = z.infer<typeof Composed>;

export interface PointerChange extends z.infer<typeof Change> {
  readonly kind: "prompt-label" | "model-alias";
}

/** What the stored content says of a pointer's move; null for another kind of change. */
export function readPointerChange(content: ApprovalContent): PointerChange | null {
  if (content.kind !== "prompt-label" && content.kind !== "model-alias") return null;
  const parsed = Change.safeParse(content.change);
  return parsed.success ? { ...parsed.data, kind: content.kind } : null;
}

/** Messages, parameters and variables of both versions, for the difference; null where it is no prompt. */
export function toPromptSections(change: PointerChange, words: Words): DiffSection[] | null {
  const nothing = { messages: [], variables: [], parameters: {} };
  const before = change.from === null ? nothing : Prompt.safeParse(change.from).data;
  const after = change.to === null ? nothing : Prompt.safeParse(change.to).data;
  return before === undefined || after === undefined ? null : toDiffSections(before, after, words);
}

/** What one side is with everything that it takes in; null where it takes in nothing. */
export function readComposed(side: PointerChange["to"]): Composed | null {
  return Composed.safeParse(side?.composed).data ?? null;
}

/** The texts as applications get them, where either side takes in other prompts; else null: they are the versions' own. */
export function toComposedSections(change: PointerChange, words: Words): DiffSection[] | null {
  if (readComposed(change.from) === null && readComposed(change.to) === null) return null;
  const nothing = { messages: [], variables: [] };
  const sideOf = (side: PointerChange["to"]) => ({
    ...(side === null ? nothing : (readComposed(side) ?? Prompt.safeParse(side).data ?? nothing)),
    parameters: {},
  });
  return toDiffSections(sideOf(change.from), sideOf(change.to), words);
}

const textOf = (value: unknown): string => {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((v) => typeof v === "string")) return value.length === 0 ? "–" : value.join(", ");
  return typeof value === "object" ? JSON.stringify(value, null, 1) : String(value);
};

/** The fields of both versions that are not shown as a difference of texts, every one of them: what is approved is all shown. */
export function listFieldChanges(change: PointerChange): { field: string; was: string; willBe: string; isSame: boolean }[] {
  const apart = change.kind === "prompt-label" ? ["messages", "variables", "parameters", "composed"] : [];
  const [before, after] = [change.from ?? {}, change.to ?? {}] as Record<string, unknown>[];
  const fields = [...new Set([...Object.keys(after ?? {}), ...Object.keys(before ?? {})])].filter((f) => !apart.includes(f));
  return fields
    .sort((a, b) => Number(b === "number") - Number(a === "number"))
    .map((field) => {
      const [was, willBe] = [textOf(before?.[field]), textOf(after?.[field])];
      return { field, was, willBe, isSame: was === willBe };
    });
}
