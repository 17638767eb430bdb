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
import { createPrompt } from "@/lib/domain/prompts/api";

export function NewPromptPage({ scope }: { scope: Scope }) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.prompts.form;
  const base = `/${scope.project}/prompts`;
  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const answer = await call(createPrompt, {
      project: scope.project,
      body: { name: String(form.get("name") ?? "").trim(), description: String(form.get("description") ?? "") },
    });
    if (!answer.ok) return answer;
    toast({ title: text.created({ name: answer.data.name }), detail: text.createdDetail });
    router.push(link(`${base}/${encodeURIComponent(answer.data.name)}?new=version`));
    return { ok: true };
  });
  return (
    <Page>
      <PageHeader title={words.prompts.create}>{text.createAbout}</PageHeader>
      <Card className="max-w-[760px]">
        <CardBody className="pt-4">
          <form {...formProps} className="flex flex-col gap-3.5">
            <FormProblemNote problem={problem} />
            <FormProblemProvider problem={problem}>
              <TextField label={text.name} name="name" hint={text.nameHint} autoComplete="off" spellCheck={false} />
              <TextAreaField label={text.description} name="description" rows={2} optional />
            </FormProblemProvider>
            <FormActions
              submit={words.prompts.create}
              busy={busy}
              cancelHref={link(base)}
              role={mayAct(scope, "registry:write") ? null : neededRole("registry:write")}
            />
          </form>
        </CardBody>
      </Card>
    </Page>
  );
}
