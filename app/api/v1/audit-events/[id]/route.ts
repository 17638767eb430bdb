import { getAuditEvent } from "@/lib/domain/audit";
import { handle } from "@/lib/http/handle";

export const GET = handle(getAuditEvent);
