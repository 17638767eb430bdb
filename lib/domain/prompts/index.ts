export { addPromptComment, listPromptComments, removePromptComment } from "./comment-version";
export { composeNow } from "./compose-version";
export {
  createPrompt,
  createPromptVersion,
  getComposedPrompt,
  getPrompt,
  getPromptVersion,
  listPrompts,
  listPromptVersions,
} from "./manage-prompts";
export { getPromptLabel, listPromptLabelMoves, movePromptLabel, removePromptLabel } from "./move-label";
export type { ComposedPrompt } from "./rules/compose";
export { findPromptVersion } from "./store";
