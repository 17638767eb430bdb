import { compareModelVersions } from "@/lib/domain/registry";
import { handle } from "@/lib/http/handle";

export const GET = handle(compareModelVersions);
