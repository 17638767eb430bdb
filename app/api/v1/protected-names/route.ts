import { getProtectedNames, putProtectedNames } from "@/lib/domain/approvals";
import { handle } from "@/lib/http/handle";

export const GET = handle(getProtectedNames);
export const PUT = handle(putProtectedNames);
