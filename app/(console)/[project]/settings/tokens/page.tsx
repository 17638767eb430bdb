import type { Metadata } from "next";
import { SettingsFrame } from "@/components/access/settings-frame";
import { TokensCard } from "@/components/access/tokens-card";
import { getRequestWords } from "@/components/shell/locale";
import { Card, CardHead } from "@/components/ui/card";
import { NoPermission } from "@/components/ui/states";
import { DEFAULT_PAGE_SIZE } from "@/lib/contracts/endpoint";
import { ACTIONS } from "@/lib/core/policy/actions";
import { decideAccess } from "@/lib/core/policy/authorize";
import { listTokens } from "@/lib/domain/access";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { env } from "@/lib/infra/env";
import { listPeopleWith } from "../people";

export async function generateMetadata(): Promise<Metadata> {
  const { access } = await getRequestWords();
  return { title: `${access.tokens} · ${access.title}` };
}

export default async function TokensPage(props: PageProps) {
  const { actor, project, one } = await openPage(props);
  const words = await getRequestWords();
  const may = (action: "token:read" | "token:manage") => decideAccess(actor, action, { projectId: project.id }).allowed;
  if (!may("token:read"))
    return (
      <SettingsFrame project={project} tab="tokens">
        <Card>
          <CardHead title={words.access.tokens} />
          <NoPermission
            read
            act={words.access.seeTokens}
            neededRole={words.nouns.roles[ACTIONS["token:read"].role]}
            project={project.name}
            people={await listPeopleWith(actor, "token:read")}
          />
        </Card>
      </SettingsFrame>
    );
  const { items, nextCursor } = await readForPage(listTokens, actor, { query: { cursor: one("cursor") } });
  const here = `/${project.slug}/settings/tokens`;
  return (
    <SettingsFrame project={project} tab="tokens">
      <TokensCard
        project={{ slug: project.slug, name: project.name }}
        tokens={items}
        mayManage={may("token:manage")}
        admins={may("token:manage") ? [] : await listPeopleWith(actor, "token:manage")}
        webUrl={env("web").WEB_URL}
        paging={{
          nextHref: nextCursor === null ? null : `${here}?cursor=${encodeURIComponent(nextCursor)}`,
          firstHref: one("cursor") === undefined ? null : here,
          pageSize: DEFAULT_PAGE_SIZE,
        }}
      />
    </SettingsFrame>
  );
}
