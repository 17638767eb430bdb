import { createBackend, listBackends } from "@/lib/domain/backends";
import { handle } from "@/lib/http/handle";

export const GET = handle(listBackends);
export const POST = handle(createBackend);
