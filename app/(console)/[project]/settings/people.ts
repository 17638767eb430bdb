import { MAX_PAGE_SIZE } from "@/lib/contracts/endpoint";
import { ACTIONS, type Action } from "@/lib/core/policy/actions";
import { type Actor, hasRole } from "@/lib/core/policy/authorize";
import { listMembers } from "@/lib/domain/access";
import { readForPage } from "@/lib/http/read-page";

const MOST_NAMED = 5;

/** Names of a few members who may do it, for those who may not. */
export async function listPeopleWith(actor: Actor, action: Action): Promise<string[]> {
  const { items } = await readForPage(listMembers, actor, { query: { limit: MAX_PAGE_SIZE } });
  return items
    .filter((member) => hasRole(member.role, ACTIONS[action].role))
    .map((member) => member.name)
    .slice(0, MOST_NAMED);
}
