import { createModelVersion, listModelVersions } from "@/lib/domain/registry";
import { handle } from "@/lib/http/handle";

export const GET = handle(listModelVersions);
export const POST = handle(createModelVersion);
