import { changeGatewayKey, revokeGatewayKey } from "@/lib/domain/access";
import { handle } from "@/lib/http/handle";

export const PATCH = handle(changeGatewayKey);
export const DELETE = handle(revokeGatewayKey);
