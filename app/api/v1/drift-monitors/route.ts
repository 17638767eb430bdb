import { createDriftMonitor, listDriftMonitors } from "@/lib/domain/drift";
import { handle } from "@/lib/http/handle";

export const GET = handle(listDriftMonitors);
export const POST = handle(createDriftMonitor);
