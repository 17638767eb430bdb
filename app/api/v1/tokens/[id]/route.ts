import { revokeToken } from "@/lib/domain/access";
import { handle } from "@/lib/http/handle";

export const DELETE = handle(revokeToken);
