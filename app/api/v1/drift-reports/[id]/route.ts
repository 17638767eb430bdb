import { getDriftReport } from "@/lib/domain/drift";
import { handle } from "@/lib/http/handle";

export const GET = handle(getDriftReport);
