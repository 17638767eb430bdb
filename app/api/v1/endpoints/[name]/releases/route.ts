import { createRelease, listReleases } from "@/lib/domain/endpoints";
import { handle } from "@/lib/http/handle";

export const GET = handle(listReleases);
export const POST = handle(createRelease);
