import type { Metadata } from "next";
import { SettingsFrame } from "@/components/access/settings-frame";
import { GatewaysPage } from "@/components/gateways/gateways-page";
import { getRequestWords } from "@/components/shell/locale";
import { listGateways } from "@/lib/domain/gateways";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";

export async function generateMetadata(): Promise<Metadata> {
  const { access, gateways } = await getRequestWords();
  return { title: `${gateways.title} · ${access.title}` };
}

export default async function GatewaysRoute(props: PageProps) {
  const { actor, project } = await openPage(props);
  return (
    <SettingsFrame project={project} tab="gateways">
      <GatewaysPage project={project.slug} initial={await readForPage(listGateways, actor)} />
    </SettingsFrame>
  );
}
