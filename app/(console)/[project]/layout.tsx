import type { ReactNode } from "react";
import { AppShell } from "@/components/shell/app-shell";
import { getRequestWords } from "@/components/shell/locale";
import { QueryProvider } from "@/lib/client/query-provider";
import { listProjects } from "@/lib/domain/access";
import { getPageContext } from "@/lib/http/page-context";
import { toNav } from "../nav";

export default async function ConsoleLayout({ children, params }: { children: ReactNode; params: Promise<{ project: string }> }) {
  const { project: slug } = await params;
  const { person, project, actor } = await getPageContext(slug);
  const [{ items }, words] = await Promise.all([listProjects(person), getRequestWords()]);
  return (
    <AppShell
      organisation="Switchyard"
      project={{ slug: project.slug, name: project.name }}
      projects={items.map((p) => ({ slug: p.slug, name: p.name }))}
      environments={project.environments}
      nav={toNav(project.slug)}
      user={{ name: person.name, email: person.email, role: actor.kind === "user" ? words.nouns.roles[actor.role] : undefined }}
    >
      <QueryProvider>{children}</QueryProvider>
    </AppShell>
  );
}
