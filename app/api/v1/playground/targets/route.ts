import { listPlaygroundTargets } from "@/lib/domain/playground";
import { handle } from "@/lib/http/handle";

export const GET = handle(listPlaygroundTargets);
