import { getPromptLabel, movePromptLabel, removePromptLabel } from "@/lib/domain/prompts";
import { handle } from "@/lib/http/handle";

export const GET = handle(getPromptLabel);
export const PUT = handle(movePromptLabel);
export const DELETE = handle(removePromptLabel);
