import { restoreModelAlias } from "@/lib/domain/pointers";
import { handle } from "@/lib/http/handle";

export const POST = handle(restoreModelAlias);
