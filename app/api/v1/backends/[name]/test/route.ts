import { testBackend } from "@/lib/domain/backends";
import { handle } from "@/lib/http/handle";

export const POST = handle(testBackend);
