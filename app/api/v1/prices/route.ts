import { createPrice, listPrices } from "@/lib/domain/prices";
import { handle } from "@/lib/http/handle";

export const GET = handle(listPrices);
export const POST = handle(createPrice);
