"use client";

import { Plus, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormActions } from "@/components/endpoints/form-actions";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button, IconButton } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { FormProblemNote, FormProblemProvider, SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { Page, PageHeader } from "@/components/ui/page-header";
import { useToast } from "@/components/ui/toast";
import { useProblemForm } from "@/components/ui/use-problem-form";
import { call } from "@/lib/client/call";
import { ARTIFACT_ROLES, createModelVersion, ENGINES, type Model, type ModelVersionLine, PRECISIONS } from "@/lib/domain/registry/api";
import { splitTags } from "./new-model-page";
import { readVersion } from "./read-version";
import { type Architecture, ArchitectureFields, DerivedFields, LineageFields, SignatureFields } from "./version-fields";

const roles = ARTIFACT_ROLES;

type Props = {
  scope: Scope;
  model: Model;
  newest: ModelVersionLine | null;
  /** Of the newest version: the next one has the same more often than not. */
  architecture: Architecture | null;
};

/** Registers an immutable version; filled in from the newest one, whose artifacts and lineage are left out because they are its own. */
export function VersionForm({ scope, model, newest, architecture }: Props) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.models.form;
  const base = `/${scope.project}/models/${model.name}`;
  const [artifacts, setArtifacts] = useState<readonly number[]>([1]);
  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const { body, mistakes } = readVersion(form, artifacts, text);
    if (mistakes.length > 0)
      return { ok: false, problem: { title: words.errors.form({ count: mistakes.length }), code: "invalid_request", errors: mistakes } };
    const answer = await call(createModelVersion, {
      project: scope.project,
      params: { name: model.name },
      body: { ...body, tags: splitTags(String(form.get("tags") ?? "")) },
    });
    if (!answer.ok) return answer;
    const version = words.models.version({ number: answer.data.number });
    toast({ title: text.registered({ model: model.name, version }) });
    router.push(link(`${base}/${answer.data.number}`));
    return { ok: true };
  });
  return (
    <Page>
      <PageHeader title={text.versionTitle({ model: model.name })}>{text.versionAbout}</PageHeader>
      <form {...formProps} className="flex max-w-[860px] flex-col gap-(--gap-page)">
        <FormProblemNote problem={problem} />
        <FormProblemProvider problem={problem}>
          <Card>
            <CardHead title={text.basics} />
            <CardBody className="grid gap-3.5 md:grid-cols-2">
              <SelectField
                label={text.engine}
                name="engine"
                defaultValue={newest?.engine ?? "vllm"}
                options={ENGINES.map((value) => ({ value, label: value }))}
              />
              <SelectField
                label={text.precision}
                name="precision"
                defaultValue={newest?.precision ?? "bf16"}
                options={PRECISIONS.map((value) => ({ value, label: value }))}
              />
              <TextField
                label={text.parameterCount}
                name="parameterCount"
                inputMode="numeric"
                optional
                defaultValue={newest?.parameterCount ?? ""}
              />
              <TextField
                label={text.contextLength}
                name="contextLength"
                inputMode="numeric"
                optional
                defaultValue={newest?.contextLength ?? ""}
              />
              <TextField label={text.licence} name="licence" optional defaultValue={newest?.licence ?? ""} />
              <TextField label={text.tags} name="tags" hint={text.tagsHint} optional defaultValue={newest?.tags.join(", ") ?? ""} />
              <TextAreaField label={text.description} name="description" rows={2} optional className="md:col-span-2" />
              <TextAreaField label={text.notes} name="notes" hint={text.notesHint} rows={4} optional className="md:col-span-2" />
            </CardBody>
          </Card>
          <Card>
            <CardHead title={text.artifacts} sub={text.uriHint} />
            <CardBody className="flex flex-col gap-4">
              {artifacts.map((id, index) => (
                <fieldset key={id} className="grid min-w-0 gap-3.5 border-t border-line pt-3 first:border-t-0 first:pt-0 md:grid-cols-2">
                  <legend className="sr-only">{text.artifact({ number: index + 1 })}</legend>
                  <TextField
                    label={text.uri}
                    name={`uri-${id}`}
                    pointer={`/artifacts/${index}/uri`}
                    className="md:col-span-2"
                    autoComplete="off"
                  />
                  <TextField
                    label={text.sha256}
                    name={`sha256-${id}`}
                    pointer={`/artifacts/${index}/sha256`}
                    className="md:col-span-2"
                    autoComplete="off"
                    spellCheck={false}
                  />
                  <TextField
                    label={text.sizeBytes}
                    name={`sizeBytes-${id}`}
                    pointer={`/artifacts/${index}/sizeBytes`}
                    inputMode="numeric"
                  />
                  <div className="flex items-end gap-2">
                    <SelectField
                      label={text.role}
                      name={`role-${id}`}
                      pointer={`/artifacts/${index}/role`}
                      className="flex-1"
                      options={roles.map((value) => ({ value, label: words.models.roles[value] }))}
                    />
                    <IconButton
                      label={text.removeArtifact({ number: index + 1 })}
                      onClick={() => setArtifacts(artifacts.filter((each) => each !== id))}
                    >
                      <Trash2 aria-hidden />
                    </IconButton>
                  </div>
                </fieldset>
              ))}
              <div>
                <Button size="sm" icon={<Plus aria-hidden />} onClick={() => setArtifacts([...artifacts, Math.max(0, ...artifacts) + 1])}>
                  {text.addArtifact}
                </Button>
              </div>
            </CardBody>
          </Card>
          <LineageFields newest={newest} />
          <DerivedFields model={model.name} newest={newest} />
          <ArchitectureFields newest={architecture} />
          <SignatureFields />
          <FormActions
            submit={text.submit}
            busy={busy}
            busyLabel={words.actions.registering}
            cancelHref={link(base)}
            role={mayAct(scope, "registry:write") ? null : neededRole("registry:write")}
          />
        </FormProblemProvider>
      </form>
    </Page>
  );
}
