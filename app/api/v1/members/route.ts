import { addMember, listMembers } from "@/lib/domain/access";
import { handle } from "@/lib/http/handle";

export const GET = handle(listMembers);
export const POST = handle(addMember);
