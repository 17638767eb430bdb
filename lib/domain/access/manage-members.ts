import { AppError } from "@/lib/core/errors";
import type { Actor } from "@/lib/core/policy/authorize";
import { newId } from "@/lib/infra/ids";
import { hashPassword } from "@/lib/infra/password";
import { assertVersion, command, query } from "../command";
import {
  addMember as addMemberSpec,
  changeMember as changeMemberSpec,
  listMembers as listMembersSpec,
  removeMember as removeMemberSpec,
} from "./api";
import { pageMembers, toMember } from "./queries";
import {
  deleteMember,
  findMember,
  findUserByEmail,
  insertMember,
  insertUser,
  isOperator,
  lockAdmins,
  revokeTokensOf,
  saveMemberRole,
} from "./store";

export const listMembers = query(listMembersSpec, async ({ reader, projectId, query: page }) => ({
  result: await pageMembers(reader, projectId, page),
}));

/**
 * Who gives an account its password can sign in as that person, in every project that the person joins later. An admin's power ends at the
 * own project, so only an operator of the installation gives one.
 * @throws AppError forbidden
 */
async function assertMayGivePassword(tx: Parameters<typeof findMember>[0], actor: Actor): Promise<void> {
  if (actor.kind === "system" || (actor.kind === "user" && (await isOperator(tx, actor.userId)))) return;
  throw new AppError("forbidden", "Only an operator of this installation gives a person a password. Add the person without one.");
}

export const addMember = command(addMemberSpec, async ({ tx, projectId, body, actor }) => {
  if (body.password !== undefined) await assertMayGivePassword(tx, actor);
  const known = await findUserByEmail(body.email, tx);
  if (known !== null && body.password !== undefined)
    throw new AppError("already_exists", `${body.email} has an account already. Leave the password out.`, {
      errors: [{ pointer: "/password", detail: "is only for an account that is new" }],
    });
  if (known !== null && (await findMember(tx, projectId, known.id)) !== null)
    throw new AppError("already_exists", `${body.email} is a member already. Change the role instead.`, {
      errors: [{ pointer: "/email", detail: "is a member already" }],
    });
  const user =
    known ??
    (await insertUser(tx, {
      id: newId("user"),
      email: body.email,
      name: body.name,
      passwordHash: body.password === undefined ? null : await hashPassword(body.password),
    }));
  const member = await insertMember(tx, { projectId, userId: user.id, role: body.role });
  return {
    result: toMember(member),
    audit: { action: "member.added", objectKind: "member", objectId: user.id, objectName: user.email, details: { role: body.role } },
  };
});

async function getMember(tx: Parameters<typeof findMember>[0], projectId: string, userId: string) {
  const member = await findMember(tx, projectId, userId);
  if (member === null) throw new AppError("not_found", "The project has no such member.");
  return member;
}

function assertAdminRemains(admins: readonly string[], leaving: string): void {
  if (admins.length === 1 && admins[0] === leaving)
    throw new AppError("state_conflict", "This is the project's last admin. Make another member admin first.");
}

export const changeMember = command(changeMemberSpec, async ({ tx, projectId, params, body, ifMatch }) => {
  const admins = await lockAdmins(tx, projectId);
  const member = await getMember(tx, projectId, params.userId);
  assertVersion(ifMatch, String(member.version));
  if (body.role !== "admin") assertAdminRemains(admins, member.userId);
  const changed = await saveMemberRole(tx, { projectId, userId: member.userId, role: body.role });
  return {
    result: toMember(changed),
    etag: String(changed.version),
    audit: {
      action: "member.role-changed",
      objectKind: "member",
      objectId: member.userId,
      objectName: member.user.email,
      details: { from: member.role, to: body.role },
    },
  };
});

export const removeMember = command(removeMemberSpec, async ({ tx, projectId, params, now }) => {
  const admins = await lockAdmins(tx, projectId);
  const member = await getMember(tx, projectId, params.userId);
  assertAdminRemains(admins, member.userId);
  await deleteMember(tx, projectId, member.userId);
  // For good: a person who is added again later starts without what was handed out before.
  const tokensRevoked = await revokeTokensOf(tx, { projectId, userId: member.userId, at: now });
  return {
    result: { removed: true as const },
    audit: {
      action: "member.removed",
      objectKind: "member",
      objectId: member.userId,
      objectName: member.user.email,
      details: { role: member.role, tokensRevoked },
    },
  };
});
