import { listBackendUses } from "@/lib/domain/backends";
import { handle } from "@/lib/http/handle";

export const GET = handle(listBackendUses);
