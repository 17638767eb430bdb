import { completeSetup } from "@/lib/domain/access";
import { completeSetup as completeSpec } from "@/lib/domain/access/api";
import { handlePublic } from "@/lib/http/handle";

export const POST = handlePublic(completeSpec, (input, context) => completeSetup(input.body, context));
