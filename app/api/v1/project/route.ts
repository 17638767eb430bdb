import { getProject } from "@/lib/domain/access";
import { handle } from "@/lib/http/handle";

export const GET = handle(getProject);
