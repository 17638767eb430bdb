import { removePromptComment } from "@/lib/domain/prompts";
import { handle } from "@/lib/http/handle";

export const DELETE = handle(removePromptComment);
