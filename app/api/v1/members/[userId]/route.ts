import { changeMember, removeMember } from "@/lib/domain/access";
import { handle } from "@/lib/http/handle";

export const PATCH = handle(changeMember);
export const DELETE = handle(removeMember);
