import { listGateways } from "@/lib/domain/gateways";
import { handle } from "@/lib/http/handle";

export const GET = handle(listGateways);
