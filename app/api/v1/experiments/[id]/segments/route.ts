import { getExperimentSegments } from "@/lib/domain/experiments";
import { handle } from "@/lib/http/handle";

export const GET = handle(getExperimentSegments);
