"use client";

import { useRouter } from "next/navigation";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody } from "@/components/ui/card";
import { FormProblemNote, FormProblemProvider, TextAreaField, TextField } from "@/components/ui/field";
import { Page, PageHeader } from "@/components/ui/page-header";
import { useToast } from "@/components/ui/toast";
import { useProblemForm } from "@/components/ui/use-problem-form";
import { call } from "@/lib/client/call";
import { createEndpoint } from "@/lib/domain/endpoints/api";
import { FormActions } from "./form-actions";

export function NewEndpointPage({ scope }: { scope: Scope }) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.endpoints.form;
  const base = `/${scope.project}/endpoints`;
  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const team = String(form.get("team") ?? "").trim();
    const answer = await call(createEndpoint, {
      project: scope.project,
      body: {
        name: String(form.get("name") ?? "").trim(),
        environment: scope.environment,
        description: String(form.get("description") ?? ""),
        team: team === "" ? null : team,
      },
    });
    if (!answer.ok) return answer;
    toast({ title: text.created({ name: answer.data.name }), detail: text.createdDetail });
    router.push(link(`${base}/${answer.data.name}?new=release`));
    return { ok: true };
  });
  return (
    <Page>
      <PageHeader title={words.endpoints.create}>{text.createAbout}</PageHeader>
      <Card className="max-w-[760px]">
        <CardBody className="pt-4">
          <form {...formProps} className="flex flex-col gap-3.5">
            <FormProblemNote problem={problem} />
            <FormProblemProvider problem={problem}>
              <TextField label={text.name} name="name" hint={text.nameHint} autoComplete="off" spellCheck={false} />
              <TextAreaField label={text.description} name="description" optional rows={2} />
              <TextField label={text.team} name="team" hint={text.teamHint} optional autoComplete="off" />
            </FormProblemProvider>
            <FormActions
              submit={words.endpoints.create}
              busy={busy}
              cancelHref={link(base)}
              role={mayAct(scope, "release:write") ? null : neededRole("release:write")}
            />
          </form>
        </CardBody>
      </Card>
    </Page>
  );
}
