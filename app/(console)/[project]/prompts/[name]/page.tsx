import { getRequestWords } from "@/components/shell/locale";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { CopyField } from "@/components/ui/copy-field";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { getPrompt, listPromptVersions } from "@/lib/domain/prompts";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";

export default async function PromptPage(props: PageProps<"name">) {
  const [{ actor, names }, words] = await Promise.all([openPage<"name">(props), getRequestWords()]);
  const params = { name: names.name };
  const [prompt, versions] = await Promise.all([
    readForPage(getPrompt, actor, { params }),
    readForPage(listPromptVersions, actor, { params, query: { limit: "50" } }),
  ]);
  return (
    <Page>
      <PageHeader title={prompt.name}>{prompt.description}</PageHeader>
      {versions.items.map((v) => (
        <Card key={v.id} id={`v${v.number}`}>
          <CardHead
            title={`v${v.number}`}
            sub={`${v.note} ${v.createdBy}`}
            right={v.labels.map((l) => (
              <NameTag key={l} kind="label">
                {l}
              </NameTag>
            ))}
          />
          <CardBody>
            {v.messages.map((m, i) => (
              <div key={`${m.role} ${m.content}`} className="mb-3">
                <CodeBlock label={`${words.lists.message} ${i + 1}, ${m.role}`} code={m.content} wrap />
              </div>
            ))}
            <CodeBlock
              label={words.lists.parameters}
              code={JSON.stringify({ variables: v.variables, parameters: v.parameters }, null, 2)}
            />
            <div className="mt-3">
              <CopyField what="SHA-256" value={v.contentHash} />
            </div>
          </CardBody>
        </Card>
      ))}
    </Page>
  );
}
