import { getModelVersionVerification, verifyModelVersion } from "@/lib/domain/registry";
import { handle } from "@/lib/http/handle";

export const GET = handle(getModelVersionVerification);
export const POST = handle(verifyModelVersion);
