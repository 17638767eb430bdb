export { addPromptComment, listPromptComments, removePromptComment } from "./comment-version";
export { composeNow } from "./compose-version";
export { fetchPrompt } from "./fetch-prompt";
export { PROMPT_LABEL_APPROVAL_KIND } from "./label-approval";
export { listLabelledPrompts } from "./list-labelled";
export {
  createPrompt,
  createPromptVersion,
  getComposedPrompt,
  getPrompt,
  getPromptVersion,
  listPromptFolders,
  listPrompts,
  listPromptVersions,
  listPromptVersionUses,
} from "./manage-prompts";
export {
  getPromptLabel,
  getPromptLabelHistory,
  listPromptLabelMoves,
  movePromptLabel,
  removePromptLabel,
  restorePromptLabel,
} from "./move-label";
export type { ComposedPrompt } from "./rules/compose";
export { findPromptMistakes } from "./rules/content";
export { findPromptVersion } from "./store";
