import { createPrompt, listPrompts } from "@/lib/domain/prompts";
import { handle } from "@/lib/http/handle";

export const GET = handle(listPrompts);
export const POST = handle(createPrompt);
