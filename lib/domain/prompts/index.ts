export { createPrompt, createPromptVersion, getPrompt, getPromptVersion, listPrompts, listPromptVersions } from "./manage-prompts";
export { getPromptLabel, listPromptLabelMoves, movePromptLabel, removePromptLabel } from "./move-label";
