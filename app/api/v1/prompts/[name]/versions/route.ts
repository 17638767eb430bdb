import { createPromptVersion, listPromptVersions } from "@/lib/domain/prompts";
import { handle } from "@/lib/http/handle";

export const GET = handle(listPromptVersions);
export const POST = handle(createPromptVersion);
