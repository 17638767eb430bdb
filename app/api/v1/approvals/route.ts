import { listApprovals, requestApproval } from "@/lib/domain/approvals";
import { handle } from "@/lib/http/handle";

export const GET = handle(listApprovals);
export const POST = handle(requestApproval);
