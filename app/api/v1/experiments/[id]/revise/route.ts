import { reviseExperiment } from "@/lib/domain/experiments";
import { handle } from "@/lib/http/handle";

export const POST = handle(reviseExperiment);
