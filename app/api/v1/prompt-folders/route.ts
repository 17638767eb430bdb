import { listPromptFolders } from "@/lib/domain/prompts";
import { handle } from "@/lib/http/handle";

export const GET = handle(listPromptFolders);
