import { getModelAlias, moveModelAlias, removeModelAlias } from "@/lib/domain/pointers";
import { handle } from "@/lib/http/handle";

export const GET = handle(getModelAlias);
export const PUT = handle(moveModelAlias);
export const DELETE = handle(removeModelAlias);
