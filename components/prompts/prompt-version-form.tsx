"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { FormActions } from "@/components/endpoints/form-actions";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { FormProblemNote, FormProblemProvider, SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { Page, PageHeader } from "@/components/ui/page-header";
import { useToast } from "@/components/ui/toast";
import { useProblemForm } from "@/components/ui/use-problem-form";
import { call } from "@/lib/client/call";
import { createPromptVersion, type Prompt, PromptKind, type PromptVersion } from "@/lib/domain/prompts/api";
import { MessageFields, TemplateField } from "./message-fields";
import { VariableFields } from "./variable-fields";
import { type MessageDraft, toVariableDrafts, toVariables, usedNames, type VariableDraft } from "./version-draft";

type Props = { scope: Scope; prompt: Prompt /** Filled in from it; null for the first one. */; source: PromptVersion | null };

/** A new version. Variables are read from the messages while typing; mistakes of a template land on its message. */
export function PromptVersionForm({ scope, prompt, source }: Props) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.prompts.form;
  const base = `/${scope.project}/prompts/${encodeURIComponent(prompt.name)}`;
  const [messages, setMessages] = useState<readonly MessageDraft[]>(
    () => source?.messages.map((message, index) => ({ id: index + 1, ...message })) ?? [{ id: 1, role: "system", content: "" }],
  );
  const [variables, setVariables] = useState<Readonly<Record<string, VariableDraft>>>(() => toVariableDrafts(source));
  const { temperature, top_p: topP, max_tokens: maxTokens, ...kept } = source?.parameters ?? {};
  const kinds = source === null ? PromptKind.options : [source.kind];
  const [kind, setKind] = useState<PromptVersion["kind"]>(source?.kind ?? "chat");
  const [template, setTemplate] = useState(source?.text ?? "");
  const names = usedNames(kind === "chat" ? messages : [{ content: template }]);
  const version = (number: number) => words.prompts.version({ number });

  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const number = (name: string) => {
      const value = String(form.get(name) ?? "").trim();
      return value === "" ? {} : { [name]: Number(value) };
    };
    const answer = await call(createPromptVersion, {
      project: scope.project,
      params: { name: prompt.name },
      body: {
        ...(kind === "chat" ? { kind, messages: messages.map(({ role, content }) => ({ role, content })) } : { kind, text: template }),
        variables: toVariables(names, variables),
        parameters: { ...kept, ...number("temperature"), ...number("top_p"), ...number("max_tokens") },
        note: String(form.get("note") ?? ""),
      },
    });
    if (!answer.ok) return answer;
    const isNew = answer.data.number > (prompt.latestVersion ?? 0);
    toast(
      isNew
        ? { title: text.registered({ prompt: prompt.name, version: version(answer.data.number) }) }
        : { tone: "idle", title: text.same({ version: version(answer.data.number) }) },
    );
    router.push(link(`${base}/${answer.data.number}`));
    return { ok: true };
  });

  return (
    <Page>
      <PageHeader title={text.title({ prompt: prompt.name })}>
        {text.about} {source !== null && text.from({ version: version(source.number) })}
      </PageHeader>
      <form {...formProps} className="flex max-w-[860px] flex-col gap-(--gap-page)">
        <FormProblemNote problem={problem} />
        <FormProblemProvider problem={problem}>
          {kinds.length > 1 && (
            <SelectField
              label={text.kind}
              name="kind"
              hint={text.kindHint}
              value={kind}
              onChange={(event) => setKind(kinds.find((each) => each === event.target.value) ?? "chat")}
              options={kinds.map((each) => ({ value: each, label: text.kinds[each] }))}
              className="max-w-[360px]"
            />
          )}
          {kind === "chat" ? (
            <MessageFields messages={messages} onChange={setMessages} />
          ) : (
            <TemplateField value={template} onChange={setTemplate} />
          )}
          <VariableFields names={names} drafts={variables} onChange={(name, draft) => setVariables({ ...variables, [name]: draft })} />
          <Card>
            <CardHead title={text.parameters} />
            <CardBody className="grid gap-3.5 md:grid-cols-3">
              <TextField
                label={text.temperature}
                name="temperature"
                pointer="/parameters/temperature"
                inputMode="decimal"
                optional
                defaultValue={temperature ?? ""}
              />
              <TextField
                label={text.topP}
                name="top_p"
                pointer="/parameters/top_p"
                inputMode="decimal"
                optional
                defaultValue={topP ?? ""}
              />
              <TextField
                label={text.maxTokens}
                name="max_tokens"
                pointer="/parameters/max_tokens"
                inputMode="numeric"
                optional
                defaultValue={maxTokens ?? ""}
              />
              {Object.keys(kept).length > 0 && (
                <p className="text-small text-ink-3 md:col-span-3">{text.keptParameters({ names: Object.keys(kept).join(", ") })}</p>
              )}
              <TextAreaField label={text.note} name="note" rows={2} optional className="md:col-span-3" />
              <div className="md:col-span-3">
                <FormActions
                  submit={text.submit}
                  busy={busy}
                  busyLabel={words.actions.registering}
                  cancelHref={link(base)}
                  role={mayAct(scope, "registry:write") ? null : neededRole("registry:write")}
                />
              </div>
            </CardBody>
          </Card>
        </FormProblemProvider>
      </form>
    </Page>
  );
}
