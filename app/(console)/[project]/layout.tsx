import type { ReactNode } from "react";
import { UnreviewedBanner } from "@/components/approvals/unreviewed-banner";
import { AppShell } from "@/components/shell/app-shell";
import { getRequestWords } from "@/components/shell/locale";
import { QueryProvider } from "@/lib/client/query-provider";
import { listProjects } from "@/lib/domain/access";
import { countToDecide, listUnreviewed } from "@/lib/domain/approvals";
import { getPageContext } from "@/lib/http/page-context";
import { toNav } from "../nav";

export default async function ConsoleLayout({ children, params }: { children: ReactNode; params: Promise<{ project: string }> }) {
  const { project: slug } = await params;
  const { person, project, actor } = await getPageContext(slug);
  const [{ items }, words, toDecide, unreviewed] = await Promise.all([
    listProjects(person),
    getRequestWords(),
    countToDecide(actor),
    listUnreviewed(actor),
  ]);
  return (
    <AppShell
      organisation="Switchyard"
      project={{ slug: project.slug, name: project.name }}
      projects={items.map((p) => ({ slug: p.slug, name: p.name }))}
      environments={project.environments}
      nav={toNav(project.slug, toDecide)}
      user={{ name: person.name, email: person.email, role: actor.kind === "user" ? words.nouns.roles[actor.role] : undefined }}
    >
      <UnreviewedBanner items={unreviewed} project={project.slug} />
      <QueryProvider>{children}</QueryProvider>
    </AppShell>
  );
}
