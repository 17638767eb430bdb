import type { FieldError } from "@/lib/core/errors";
import { type ComposedPrompt, composePrompt, type PromptPart } from "./rules/compose";
import { type Reader, readMeanings } from "./store";

/** What a prompt is with everything in it that it takes in, as labels stand at this moment; or its mistakes, as pointers into its body. */
export async function composeNow(
  reader: Reader,
  { projectId, name, content }: { readonly projectId: string; readonly name: string; readonly content: PromptPart },
): Promise<{ composed: ComposedPrompt; mistakes: [] } | { composed: null; mistakes: FieldError[] }> {
  return composePrompt(name, content, await readMeanings(reader, projectId, content));
}
