import { getRequestContent } from "@/lib/domain/contents";
import { handle } from "@/lib/http/handle";

export const GET = handle(getRequestContent);
