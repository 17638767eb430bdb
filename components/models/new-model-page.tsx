"use client";

import { useRouter } from "next/navigation";
import { FormActions } from "@/components/endpoints/form-actions";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody } from "@/components/ui/card";
import { FormProblemNote, FormProblemProvider, TextAreaField, TextField } from "@/components/ui/field";
import { Page, PageHeader } from "@/components/ui/page-header";
import { useToast } from "@/components/ui/toast";
import { useProblemForm } from "@/components/ui/use-problem-form";
import { call } from "@/lib/client/call";
import { createModel } from "@/lib/domain/registry/api";

export const splitTags = (text: string): string[] =>
  text
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");

export function NewModelPage({ scope }: { scope: Scope }) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.models.form;
  const base = `/${scope.project}/models`;
  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const answer = await call(createModel, {
      project: scope.project,
      body: {
        name: String(form.get("name") ?? "").trim(),
        description: String(form.get("description") ?? ""),
        tags: splitTags(String(form.get("tags") ?? "")),
      },
    });
    if (!answer.ok) return answer;
    toast({ title: text.created({ name: answer.data.name }), detail: text.createdDetail });
    router.push(link(`${base}/${answer.data.name}?new=version`));
    return { ok: true };
  });
  return (
    <Page>
      <PageHeader title={words.models.create}>{text.about}</PageHeader>
      <Card className="max-w-[760px]">
        <CardBody className="pt-4">
          <form {...formProps} className="flex flex-col gap-3.5">
            <FormProblemNote problem={problem} />
            <FormProblemProvider problem={problem}>
              <TextField label={text.name} name="name" hint={text.nameHint} autoComplete="off" spellCheck={false} />
              <TextAreaField label={text.description} name="description" rows={2} optional />
              <TextField label={text.tags} name="tags" hint={text.tagsHint} optional autoComplete="off" />
            </FormProblemProvider>
            <FormActions
              submit={words.models.create}
              busy={busy}
              busyLabel={words.actions.registering}
              cancelHref={link(base)}
              role={mayAct(scope, "registry:write") ? null : neededRole("registry:write")}
            />
          </form>
        </CardBody>
      </Card>
    </Page>
  );
}
