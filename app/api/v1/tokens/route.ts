import { createToken, listTokens } from "@/lib/domain/access";
import { handle } from "@/lib/http/handle";

export const GET = handle(listTokens);
export const POST = handle(createToken);
