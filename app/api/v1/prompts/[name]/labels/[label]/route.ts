import { getPromptLabel, movePromptLabel } from "@/lib/domain/prompts";
import { handle } from "@/lib/http/handle";

export const GET = handle(getPromptLabel);
export const PUT = handle(movePromptLabel);
