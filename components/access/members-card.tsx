"use client";

import { UserPlus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { z } from "zod";
import { useWords } from "@/components/shell/words-provider";
import { Avatar } from "@/components/ui/avatar";
import { Button } from "@/components/ui/button";
import { Card, CardFoot, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { NameTag } from "@/components/ui/name-tag";
import { ClockTime } from "@/components/ui/relative-time";
import { CursorPaging } from "@/components/ui/table-tools";
import type { Role } from "@/lib/core/policy/actions";
import type { Member as MemberShape } from "@/lib/domain/access/api";
import { AddMemberDialog, ChangeRoleDialog, RemoveMemberDialog } from "./member-dialogs";
import { RoleSelect } from "./role-select";
import { useDialog } from "./use-dialog";

export type Member = z.infer<typeof MemberShape>;

type Props = {
  project: { slug: string; name: string };
  members: readonly Member[];
  /** Whose page it is: their own row says so. */
  userId: string;
  mayManage: boolean;
  /** Operators of the installation only: an admin's power ends at the own project. */
  mayGivePassword: boolean;
  /** Who could, for those who may not. */
  admins: readonly string[];
  paging: { nextHref: string | null; firstHref: string | null; pageSize: number };
};

type Asked = { act: "role"; member: Member; role: Role } | { act: "remove"; member: Member };

/** Who is in the project and as what. */
export function MembersCard({ project, members, userId, mayManage, mayGivePassword, admins, paging }: Props) {
  const words = useWords();
  const router = useRouter();
  const dialog = useDialog();
  const [asked, setAsked] = useState<Asked | null>(null);
  const refresh = () => router.refresh();
  const ask = { project: project.slug, onDone: refresh, onClose: () => setAsked(null) };
  return (
    <Card>
      <CardHead
        title={words.access.members}
        sub={words.access.membersAbout}
        right={
          mayManage && (
            <Button variant="primary" icon={<UserPlus aria-hidden />} onClick={() => dialog.show("new")}>
              {words.access.addMember}
            </Button>
          )
        }
      />
      <DataTable
        caption={words.access.members}
        rows={members}
        rowKey={(member) => member.userId}
        phone="cards"
        columns={[
          {
            id: "name",
            head: words.access.name,
            phone: "title",
            cell: (member) => (
              <span className="flex min-w-0 items-center gap-2.5">
                <Avatar name={member.name} />
                <span className="min-w-0">
                  <span className="flex flex-wrap items-center gap-x-2">
                    <b className="font-[550]">{member.name}</b>
                    {member.userId === userId && <span className="text-small text-ink-3">{words.access.you}</span>}
                    {member.isDemo && <NameTag kind="label">{words.access.demo}</NameTag>}
                  </span>
                  <CellNote className="wrap-anywhere">{member.email}</CellNote>
                </span>
              </span>
            ),
          },
          {
            id: "role",
            head: words.access.role,
            phone: "wide",
            cell: (member) =>
              mayManage ? (
                <RoleSelect
                  value={member.role}
                  label={words.access.roleOf({ name: member.name })}
                  onChoose={(role) => setAsked({ act: "role", member, role })}
                />
              ) : (
                words.nouns.roles[member.role]
              ),
          },
          { id: "added", head: words.access.added, phone: "hidden", cell: (member) => <ClockTime at={member.joinedAt} /> },
          ...(mayManage
            ? [
                {
                  id: "act",
                  head: <span className="sr-only">{words.access.acts}</span>,
                  phone: "corner" as const,
                  align: "right" as const,
                  cell: (member: Member) => (
                    <Button
                      size="sm"
                      aria-label={words.access.removeOf({ name: member.name })}
                      onClick={() => setAsked({ act: "remove", member })}
                    >
                      {words.actions.remove}
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
      {(paging.nextHref !== null || paging.firstHref !== null) && <CursorPaging shown={members.length} {...paging} />}
      {!mayManage && (
        <CardFoot>
          {words.access.membersLocked} {words.errors.whoHasRole({ project: project.name, people: admins.join(", ") })}
        </CardFoot>
      )}
      {mayManage && dialog.open === "new" && (
        <AddMemberDialog project={project.slug} mayGivePassword={mayGivePassword} onDone={refresh} onClose={() => dialog.show(null)} />
      )}
      {asked?.act === "role" && <ChangeRoleDialog {...ask} member={asked.member} role={asked.role} />}
      {asked?.act === "remove" && <RemoveMemberDialog {...ask} member={asked.member} />}
    </Card>
  );
}
