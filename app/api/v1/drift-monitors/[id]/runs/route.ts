import { listDriftRuns, startDriftRun } from "@/lib/domain/drift";
import { handle } from "@/lib/http/handle";

export const GET = handle(listDriftRuns);
export const POST = handle(startDriftRun);
