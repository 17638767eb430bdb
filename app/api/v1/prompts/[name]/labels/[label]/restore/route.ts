import { restorePromptLabel } from "@/lib/domain/prompts";
import { handle } from "@/lib/http/handle";

export const POST = handle(restorePromptLabel);
