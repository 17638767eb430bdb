import type { ReactNode } from "react";
import { getRequestWords } from "@/components/shell/locale";
import { PageChrome } from "@/components/shell/shell-context";
import { Page, PageHeader } from "@/components/ui/page-header";
import { TabLinks } from "@/components/ui/tab-links";

export type SettingsTab = "members" | "tokens" | "gatewayKeys" | "gateways" | "approvals";

const paths: Record<SettingsTab, string> = {
  members: "",
  tokens: "/tokens",
  gatewayKeys: "/gateway-keys",
  gateways: "/gateways",
  approvals: "/approvals",
};

type Props = { project: { slug: string; name: string }; tab: SettingsTab; children: ReactNode };

/** Head and tabs of the settings; each tab is a page. */
export async function SettingsFrame({ project, tab, children }: Props) {
  const words = await getRequestWords();
  const home = `/${project.slug}/settings`;
  const labelOf = (id: SettingsTab) =>
    id === "approvals" ? words.approvals.settings.title : id === "gateways" ? words.gateways.title : words.access[id];
  const tabs = (["members", "tokens", "gatewayKeys", "gateways", "approvals"] as const).map((id) => ({
    label: labelOf(id),
    href: `${home}${paths[id]}`,
    current: id === tab,
  }));
  return (
    <Page>
      <PageChrome
        crumbs={[{ label: project.name, href: `/${project.slug}` }, { label: words.access.title, href: home }, { label: labelOf(tab) }]}
      />
      <PageHeader title={words.access.title}>{words.access.settingsAbout}</PageHeader>
      <TabLinks tabs={tabs} label={words.access.title} />
      {children}
    </Page>
  );
}
