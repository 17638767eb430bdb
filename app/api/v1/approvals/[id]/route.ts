import { getApproval } from "@/lib/domain/approvals";
import { handle } from "@/lib/http/handle";

export const GET = handle(getApproval);
