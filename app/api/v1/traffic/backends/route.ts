import { getBackendTraffic } from "@/lib/domain/usage";
import { handle } from "@/lib/http/handle";

export const GET = handle(getBackendTraffic);
