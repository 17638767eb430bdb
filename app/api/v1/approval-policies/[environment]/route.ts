import { getApprovalPolicy, putApprovalPolicy } from "@/lib/domain/approvals";
import { handle } from "@/lib/http/handle";

export const GET = handle(getApprovalPolicy);
export const PUT = handle(putApprovalPolicy);
