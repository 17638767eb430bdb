import { createModel, listModels } from "@/lib/domain/registry";
import { handle } from "@/lib/http/handle";

export const GET = handle(listModels);
export const POST = handle(createModel);
