import { listBackendHealth } from "@/lib/domain/backend-health";
import { handle } from "@/lib/http/handle";

export const GET = handle(listBackendHealth);
