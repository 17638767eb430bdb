import { getMe } from "@/lib/domain/access/api";
import { handleSession } from "@/lib/http/handle";

export const GET = handleSession(getMe, async (person) => ({
  id: person.userId,
  email: person.email,
  name: person.name,
  isOperator: person.isOperator,
}));
