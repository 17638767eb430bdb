import { changeDriftMonitor, deleteDriftMonitor, getDriftMonitor } from "@/lib/domain/drift";
import { handle } from "@/lib/http/handle";

export const GET = handle(getDriftMonitor);
export const PATCH = handle(changeDriftMonitor);
export const DELETE = handle(deleteDriftMonitor);
