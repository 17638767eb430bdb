import { createEndpoint, listEndpoints } from "@/lib/domain/endpoints";
import { handle } from "@/lib/http/handle";

export const GET = handle(listEndpoints);
export const POST = handle(createEndpoint);
