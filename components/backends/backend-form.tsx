"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormActions } from "@/components/endpoints/form-actions";
import { parseLimit } from "@/components/limits/parse-limit";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody } from "@/components/ui/card";
import { CheckboxField, FormProblemNote, FormProblemProvider, SelectField, TextField } from "@/components/ui/field";
import { Page, PageHeader } from "@/components/ui/page-header";
import { useToast } from "@/components/ui/toast";
import { useProblemForm } from "@/components/ui/use-problem-form";
import { call } from "@/lib/client/call";
import { BACKEND_KINDS } from "@/lib/contracts/gateway-config";
import { type Backend, changeBackend, createBackend } from "@/lib/domain/backends/api";

/** Adds a backend, or changes one: then with the ETag of what was read, so that nobody's change is lost. */
export function BackendForm({ scope, backend, etag }: { scope: Scope; backend: Backend | null; etag: string | null }) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.backends.form;
  const base = `/${scope.project}/backends`;
  const [removeKey, setRemoveKey] = useState(false);
  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const read = (name: string) => String(form.get(name) ?? "").trim();
    const key = read("apiKey");
    const common = {
      environment: scope.environment,
      kind: BACKEND_KINDS.find((kind) => kind === read("kind")) ?? "openai",
      baseUrl: read("baseUrl"),
      servedModel: read("servedModel") || null,
      capacity: parseLimit(read("capacity")),
      // What was not touched is not sent: another host takes the metrics' address of the old one away.
      ...(read("metricsUrl") === (backend?.metricsUrl ?? "") ? {} : { metricsUrl: read("metricsUrl") || null }),
    };
    const answer =
      backend === null
        ? await call(createBackend, { project: scope.project, body: { ...common, name: read("name"), apiKey: key || null } })
        : await call(changeBackend, {
            project: scope.project,
            params: { name: backend.name },
            body: { ...common, ...(removeKey ? { apiKey: null } : key === "" ? {} : { apiKey: key }) },
            ifMatch: etag ?? undefined,
          });
    if (!answer.ok) return answer;
    const { name, revision } = answer.data;
    toast({ title: backend === null ? text.created({ name }) : text.changed({ name, revision }) });
    router.push(link(`${base}/${name}`));
    router.refresh();
    return { ok: true };
  });
  return (
    <Page>
      <PageHeader title={backend === null ? words.backends.create : `${words.backends.edit}: ${backend.name}`}>
        {backend === null ? text.about : text.editAbout}
      </PageHeader>
      <Card className="max-w-[760px]">
        <CardBody className="pt-4">
          <form {...formProps} className="flex flex-col gap-3.5">
            <FormProblemNote problem={problem} />
            <FormProblemProvider problem={problem}>
              {backend === null && <TextField label={text.name} name="name" hint={text.nameHint} autoComplete="off" spellCheck={false} />}
              <SelectField
                label={text.kind}
                name="kind"
                defaultValue={backend?.kind ?? "vllm"}
                options={BACKEND_KINDS.map((kind) => ({ value: kind, label: words.backends.kinds[kind] }))}
              />
              <TextField
                label={text.address}
                name="baseUrl"
                hint={text.addressHint}
                inputMode="url"
                autoComplete="off"
                defaultValue={backend?.baseUrl ?? ""}
              />
              <TextField
                label={text.model}
                name="servedModel"
                hint={text.modelHint}
                optional
                autoComplete="off"
                defaultValue={backend?.servedModel ?? ""}
              />
              <TextField
                label={text.capacity}
                name="capacity"
                hint={text.capacityHint}
                inputMode="numeric"
                optional
                autoComplete="off"
                className="max-w-[320px]"
                defaultValue={backend?.capacity ?? ""}
              />
              <TextField
                label={text.metricsUrl}
                name="metricsUrl"
                hint={text.metricsHint}
                inputMode="url"
                optional
                autoComplete="off"
                defaultValue={backend?.metricsUrl ?? ""}
              />
              <TextField
                label={text.key}
                name="apiKey"
                type="password"
                autoComplete="new-password"
                optional
                disabled={removeKey}
                hint={backend?.hasKey ? text.keepHint : text.keyHint}
              />
              {backend?.hasKey && (
                <CheckboxField label={text.removeKey} checked={removeKey} onCheckedChange={(checked) => setRemoveKey(checked === true)} />
              )}
            </FormProblemProvider>
            <FormActions
              submit={backend === null ? words.backends.create : text.save}
              busy={busy}
              busyLabel={words.actions.saving}
              cancelHref={link(backend === null ? base : `${base}/${backend.name}`)}
              role={mayAct(scope, "backend:write") ? null : neededRole("backend:write")}
            />
          </form>
        </CardBody>
      </Card>
    </Page>
  );
}
