import type { ReactNode } from "react";
import { getRequestWords } from "@/components/shell/locale";
import { Page, PageHeader } from "@/components/ui/page-header";
import { TabLinks } from "@/components/ui/tab-links";

export type SettingsTab = "members" | "tokens" | "gatewayKeys";

const paths: Record<SettingsTab, string> = { members: "", tokens: "/tokens", gatewayKeys: "/gateway-keys" };

/** Head and tabs of the settings; each tab is a page. */
export async function SettingsFrame({ project, tab, children }: { project: string; tab: SettingsTab; children: ReactNode }) {
  const words = await getRequestWords();
  const tabs = (["members", "tokens", "gatewayKeys"] as const).map((id) => ({
    label: words.access[id],
    href: `/${project}/settings${paths[id]}`,
    current: id === tab,
  }));
  return (
    <Page>
      <PageHeader title={words.access.title}>{words.access.settingsAbout}</PageHeader>
      <TabLinks tabs={tabs} label={words.access.title} />
      {children}
    </Page>
  );
}
