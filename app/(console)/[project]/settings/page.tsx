import type { Metadata } from "next";
import { MembersCard } from "@/components/access/members-card";
import { SettingsFrame } from "@/components/access/settings-frame";
import { getRequestWords } from "@/components/shell/locale";
import { DEFAULT_PAGE_SIZE } from "@/lib/contracts/endpoint";
import { decideAccess } from "@/lib/core/policy/authorize";
import { listMembers } from "@/lib/domain/access";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { listPeopleWith } from "./people";

export async function generateMetadata(): Promise<Metadata> {
  const { access } = await getRequestWords();
  return { title: `${access.members} · ${access.title}` };
}

export default async function MembersPage(props: PageProps) {
  const { actor, person, project, one } = await openPage(props);
  const { items, nextCursor } = await readForPage(listMembers, actor, { query: { cursor: one("cursor") } });
  const here = `/${project.slug}/settings`;
  const mayManage = decideAccess(actor, "member:manage", { projectId: project.id }).allowed;
  return (
    <SettingsFrame project={project} tab="members">
      <MembersCard
        project={{ slug: project.slug, name: project.name }}
        members={items}
        userId={person.userId}
        mayGivePassword={person.isOperator}
        mayManage={mayManage}
        admins={mayManage ? [] : await listPeopleWith(actor, "member:manage")}
        paging={{
          nextHref: nextCursor === null ? null : `${here}?cursor=${encodeURIComponent(nextCursor)}`,
          firstHref: one("cursor") === undefined ? null : here,
          pageSize: DEFAULT_PAGE_SIZE,
        }}
      />
    </SettingsFrame>
  );
}
