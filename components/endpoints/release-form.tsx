"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink, TextLink } from "@/components/ui/button";
import { Card, CardBody } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { FormProblemNote, FormProblemProvider, TextAreaField, TextField } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { Page, PageHeader } from "@/components/ui/page-header";
import { SplitBar } from "@/components/ui/split-bar";
import { useToast } from "@/components/ui/toast";
import { toneOrder } from "@/components/ui/tone";
import { useProblemForm } from "@/components/ui/use-problem-form";
import { call } from "@/lib/client/call";
import { formatPercent } from "@/lib/core/words/format";
import type { Backend } from "@/lib/domain/backends/api";
import { createRelease, type Endpoint, type Release } from "@/lib/domain/endpoints/api";
import type { Prompt } from "@/lib/domain/prompts/api";
import type { Model } from "@/lib/domain/registry/api";
import { FormActions } from "./form-actions";
import { newDraft, sumOfWeights, toDrafts, toNewVariant, type VariantDraft, withoutDraft } from "./release-draft";
import { CacheSection } from "./serving/cache-section";
import { CallsSection } from "./serving/calls-section";
import { QueueSection } from "./serving/queue-section";
import { type SettingsDraft, toSettings, toSettingsDraft } from "./serving/settings-draft";
import { VariantFields } from "./variant-fields";

type Props = {
  scope: Scope;
  endpoint: Endpoint;
  models: readonly Model[];
  prompts: readonly Prompt[];
  backends: readonly Backend[];
  /** Filled in from it; null for the first release. */
  source: Release | null;
  /** Of `?model=&version=`: what the person came from. */
  wanted: { model: string | null; modelVersion: number | null };
};

const full = 10_000;
const defaultCeiling = 1024;

/** A new immutable release. Weights are checked while typing; the rest by the server, field by field. */
export function ReleaseForm({ scope, endpoint, models, prompts, backends, source, wanted }: Props) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.endpoints.releaseForm;
  const choices = { models, prompts, backends };
  const [drafts, setDrafts] = useState<readonly VariantDraft[]>(() => firstDrafts());
  const [settings, setSettings] = useState<SettingsDraft>(() => toSettingsDraft(source));
  const base = `/${scope.project}/endpoints/${endpoint.name}`;
  const sum = sumOfWeights(drafts);
  const isWhole = sum === full;
  const release = (number: number) => words.endpoints.release({ number });

  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const answer = await call(createRelease, {
      project: scope.project,
      params: { name: endpoint.name },
      body: {
        environment: scope.environment,
        variants: drafts.map((draft) => toNewVariant(draft, drafts)),
        maxOutputTokens: Number(form.get("maxOutputTokens")),
        ...toSettings(settings),
        note: String(form.get("note") ?? ""),
      },
    });
    if (!answer.ok) return answer;
    const { number } = answer.data;
    const isSame = number === source?.number && source.digest === answer.data.digest;
    toast(
      isSame
        ? { tone: "idle", title: text.same({ release: release(number) }) }
        : { title: text.created({ release: release(number), endpoint: endpoint.name }), detail: text.createdDetail },
    );
    router.push(link(`${base}/releases/${number}`));
    return { ok: true };
  });

  const change = (id: number, part: Partial<VariantDraft>) =>
    setDrafts((before) => before.map((draft) => (draft.id === id ? { ...draft, ...part } : draft)));
  const sumText = formatPercent(sum / full, { digits: sum % 100 === 0 ? 0 : 2 });
  const canMake = models.some((model) => model.latestVersion !== null) && backends.length > 0;
  return (
    <Page>
      <PageHeader title={text.title({ endpoint: endpoint.name })}>
        {text.about} {source !== null && text.copied({ release: release(source.number) })}
      </PageHeader>
      {!canMake && <MissingParts project={scope.project} hasBackends={backends.length > 0} />}
      <form {...formProps} className="flex max-w-[860px] flex-col gap-(--gap-page)">
        <FormProblemNote problem={problem} />
        <FormProblemProvider problem={problem}>
          {drafts.map((draft, index) => (
            <VariantFields
              key={draft.id}
              draft={draft}
              drafts={drafts}
              index={index}
              choices={choices}
              onChange={(part) => change(draft.id, part)}
              onRemove={drafts.length > 1 ? () => setDrafts(withoutDraft(drafts, draft.id)) : undefined}
            />
          ))}
          <Card>
            <CardBody className="flex flex-col gap-3.5 pt-4">
              {drafts.length > 1 && (
                <div>
                  <SplitBar
                    digits={0}
                    parts={drafts.map((draft, index) => ({
                      name: draft.name,
                      share: Math.max(0, Number(draft.weight) / 100) || 0,
                      tone: toneOrder[index % toneOrder.length] ?? "f",
                    }))}
                  />
                  <p className={cn("mt-[5px] text-small", isWhole ? "text-ink-3" : "text-bad-ink")} aria-live="polite">
                    {isWhole ? text.sum({ sum: sumText }) : text.sumWrong({ sum: sumText })}
                  </p>
                </div>
              )}
              <div>
                <Button
                  size="sm"
                  icon={<Plus aria-hidden />}
                  onClick={() => setDrafts([...drafts, newDraft(Math.max(...drafts.map((each) => each.id)) + 1, choices, "0")])}
                >
                  {text.addVariant}
                </Button>
              </div>
            </CardBody>
          </Card>
          <CallsSection
            draft={settings.calls}
            onChange={(part) => setSettings((before) => ({ ...before, calls: { ...before.calls, ...part } }))}
          />
          <QueueSection
            draft={settings.queue}
            onChange={(part) => setSettings((before) => ({ ...before, queue: { ...before.queue, ...part } }))}
          />
          <CacheSection
            draft={settings.cache}
            onChange={(part) => setSettings((before) => ({ ...before, cache: { ...before.cache, ...part } }))}
          />
          <Card>
            <CardBody className="flex flex-col gap-3.5 pt-4">
              <TextField
                label={text.ceiling}
                name="maxOutputTokens"
                hint={text.ceilingHint}
                inputMode="numeric"
                defaultValue={source?.maxOutputTokens ?? defaultCeiling}
                className="max-w-[320px]"
              />
              <p className="text-small text-ink-3">
                {words.serving.rateLimits} <TextLink href={link(base)}>{words.serving.rateLimitsLink}</TextLink>
              </p>
              <TextAreaField label={text.note} name="note" rows={2} optional />
              <FormActions
                submit={text.submit}
                busy={busy}
                cancelHref={link(base)}
                role={mayAct(scope, "release:write") ? null : neededRole("release:write")}
                blocked={isWhole ? null : text.sumWrong({ sum: sumText })}
              />
            </CardBody>
          </Card>
        </FormProblemProvider>
      </form>
    </Page>
  );

  function firstDrafts(): VariantDraft[] {
    const start = source === null ? [newDraft(1, choices, "100")] : toDrafts(source, choices);
    const [first, ...rest] = start;
    if (first === undefined || wanted.model === null) return start;
    const latest = models.find((model) => model.name === wanted.model)?.latestVersion;
    return [{ ...first, model: wanted.model, modelVersion: String(wanted.modelVersion ?? latest ?? "") }, ...rest];
  }
}

function MissingParts({ project, hasBackends }: { project: string; hasBackends: boolean }) {
  const words = useWords();
  const { link } = useShell();
  const text = words.endpoints.releaseForm;
  return (
    <Note tone="hold" className="max-w-[860px]">
      <p className="mb-2">{hasBackends ? text.noModels : text.noBackends}</p>
      <ButtonLink size="sm" href={hasBackends ? `/${project}/models?new=1` : link(`/${project}/backends?new=1`)}>
        {hasBackends ? words.models.create : words.backends.create}
      </ButtonLink>
    </Note>
  );
}
