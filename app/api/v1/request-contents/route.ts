import { eraseRequestContents } from "@/lib/domain/contents";
import { handle } from "@/lib/http/handle";

export const DELETE = handle(eraseRequestContents);
