import type { Metadata } from "next";
import { GatewayKeysCard } from "@/components/access/gateway-keys-card";
import { SettingsFrame } from "@/components/access/settings-frame";
import { getRequestWords } from "@/components/shell/locale";
import { DEFAULT_PAGE_SIZE } from "@/lib/contracts/endpoint";
import { decideAccess } from "@/lib/core/policy/authorize";
import { listGatewayKeys } from "@/lib/domain/access";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { env } from "@/lib/infra/env";
import { listPeopleWith } from "../people";

export async function generateMetadata(): Promise<Metadata> {
  const { access } = await getRequestWords();
  return { title: `${access.gatewayKeys} · ${access.title}` };
}

export default async function GatewayKeysPage(props: PageProps) {
  const { actor, project, one, environment } = await openPage(props);
  const words = await getRequestWords();
  const only = project.environments.find((name) => name === one("environment"));
  const { items, nextCursor } = await readForPage(listGatewayKeys, actor, { query: { cursor: one("cursor"), environment: only } });
  const here = `/${project.slug}/settings/gateway-keys`;
  const names: Readonly<Record<string, string>> = words.shell.environments;
  const filter = only === undefined ? "" : `environment=${only}`;
  const mayManage = decideAccess(actor, "gateway-key:manage", { projectId: project.id }).allowed;
  return (
    <SettingsFrame project={project} tab="gatewayKeys">
      <GatewayKeysCard
        project={{ slug: project.slug, name: project.name, environments: project.environments }}
        keys={items}
        environment={only ?? environment}
        chips={project.environments.map((name) => ({
          label: names[name] ?? name,
          href: name === only ? here : `${here}?environment=${name}`,
          current: name === only,
        }))}
        mayManage={mayManage}
        admins={mayManage ? [] : await listPeopleWith(actor, "gateway-key:manage")}
        gatewayUrl={env("web").GATEWAY_URL}
        paging={{
          nextHref: nextCursor === null ? null : `${here}?${filter}&cursor=${encodeURIComponent(nextCursor)}`,
          firstHref: one("cursor") === undefined ? null : `${here}?${filter}`,
          pageSize: DEFAULT_PAGE_SIZE,
        }}
      />
    </SettingsFrame>
  );
}
