import { createGatewayKey, listGatewayKeys } from "@/lib/domain/access";
import { handle } from "@/lib/http/handle";

export const GET = handle(listGatewayKeys);
export const POST = handle(createGatewayKey);
