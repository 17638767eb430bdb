import { addPromptComment, listPromptComments } from "@/lib/domain/prompts";
import { handle } from "@/lib/http/handle";

export const GET = handle(listPromptComments);
export const POST = handle(addPromptComment);
