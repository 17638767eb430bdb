import { redirect } from "next/navigation";
import { getRequestWords } from "@/components/shell/locale";
import { PlainPage } from "@/components/shell/plain-page";
import { ButtonLink } from "@/components/ui/button";
import { listProjects } from "@/lib/domain/access";
import { getPagePerson } from "@/lib/http/page-context";

/** The way in: to the one project, or to a choice. */
export default async function StartPage() {
  const person = await getPagePerson("/");
  const { items } = await listProjects(person);
  const [only] = items;
  if (only !== undefined && items.length === 1) redirect(`/${only.slug}`);
  const words = await getRequestWords();
  return (
    <PlainPage title={items.length === 0 ? words.access.noProjects : words.access.chooseProject}>
      {items.length === 0 && <p className="text-body text-ink-2">{words.access.noProjectsAbout}</p>}
      <ul className="grid gap-2">
        {items.map((project) => (
          <li key={project.slug}>
            <ButtonLink href={`/${project.slug}`} size="lg" wide>
              {project.name}
            </ButtonLink>
          </li>
        ))}
      </ul>
    </PlainPage>
  );
}
