import { changeBackend, getBackend } from "@/lib/domain/backends";
import { handle } from "@/lib/http/handle";

export const GET = handle(getBackend);
export const PATCH = handle(changeBackend);
