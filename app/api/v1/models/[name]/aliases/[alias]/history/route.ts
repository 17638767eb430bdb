import { getModelAliasHistory } from "@/lib/domain/pointers";
import { handle } from "@/lib/http/handle";

export const GET = handle(getModelAliasHistory);
