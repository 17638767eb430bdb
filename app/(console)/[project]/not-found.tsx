import { getRequestWords } from "@/components/shell/locale";
import { ButtonLink } from "@/components/ui/button";
import { Page, PageHeader } from "@/components/ui/page-header";

/** Inside a project, where the frame stays: the thing is gone, renamed, or never was. */
export default async function ProjectNotFound() {
  const words = await getRequestWords();
  return (
    <Page>
      <PageHeader title={words.errors.notFoundTitle}>{words.errors.notFoundDetail}</PageHeader>
      <div>
        <ButtonLink variant="primary" href="/">
          {words.errors.notFoundBack}
        </ButtonLink>
      </div>
    </Page>
  );
}
