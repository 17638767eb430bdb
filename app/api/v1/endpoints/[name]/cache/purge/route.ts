import { purgeCache } from "@/lib/domain/endpoints";
import { handle } from "@/lib/http/handle";

export const POST = handle(purgeCache);
