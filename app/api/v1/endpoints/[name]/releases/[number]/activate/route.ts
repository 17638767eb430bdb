import { activateRelease } from "@/lib/domain/endpoints";
import { handle } from "@/lib/http/handle";

export const POST = handle(activateRelease);
