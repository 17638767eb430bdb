import { decideApproval } from "@/lib/domain/approvals";
import { handle } from "@/lib/http/handle";

export const POST = handle(decideApproval);
