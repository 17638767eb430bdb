import { revokeGatewayKey } from "@/lib/domain/access";
import { handle } from "@/lib/http/handle";

export const DELETE = handle(revokeGatewayKey);
