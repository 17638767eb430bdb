import { changeExperiment, getExperiment } from "@/lib/domain/experiments";
import { handle } from "@/lib/http/handle";

export const GET = handle(getExperiment);
export const PATCH = handle(changeExperiment);
