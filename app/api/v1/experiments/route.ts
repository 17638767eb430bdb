import { createExperiment, listExperiments } from "@/lib/domain/experiments";
import { handle } from "@/lib/http/handle";

export const GET = handle(listExperiments);
export const POST = handle(createExperiment);
