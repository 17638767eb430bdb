"use client";

import { Play, Square } from "lucide-react";
import { useEffect, useState } from "react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { Note } from "@/components/ui/note";
import { Page, PageHeader } from "@/components/ui/page-header";
import type { PlaygroundTargets } from "@/lib/domain/playground/api";
import type { PromptVersion } from "@/lib/domain/prompts/api";
import { isSaved, toDraft, toRunBodies, variablesOf } from "./playground-draft";
import { PromptEditor } from "./prompt-editor";
import { RunColumn } from "./run-column";
import { SaveCaseDialog } from "./save-case-dialog";
import { SaveVersionDialog } from "./save-version-dialog";
import { TargetsCard } from "./targets-card";
import { useKeptDraft } from "./use-kept-draft";
import { type Run, useRuns } from "./use-runs";
import { ValuesCard } from "./values-card";

type Props = {
  scope: Scope;
  prompts: readonly string[];
  /** Of the address; undefined for a text of one's own. */
  chosen: string | undefined;
  /** Numbers of the chosen prompt's versions, newest first. */
  versions: readonly number[];
  source: PromptVersion | null;
  /** Variables with those of prompts that the version takes in. */
  composed: PromptVersion["variables"];
  targets: PlaygroundTargets;
  sets: readonly string[];
};

/** Try a prompt on several endpoints or backends side by side. */
export function PlaygroundPage({ scope, prompts, chosen, versions, source, composed, targets, sets }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.playground;
  const [draft, setDraft] = useKeptDraft(`${scope.project}/${scope.environment}/${source?.id ?? ""}`, toDraft(source));
  const { runs, isRunning, start, stop } = useRuns(scope.project);
  const [saving, setSaving] = useState<"version" | Run | null>(null);
  const variables = variablesOf(draft, composed);
  const mayRun = mayAct(scope, "playground:run");
  const canRun = mayRun && draft.targets.length > 0 && !isRunning;
  const saved = isSaved(draft, source);
  const run = () => start(toRunBodies(draft, { source, variables, environment: scope.environment }));

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // A dialog over the page has its own Esc.
      if (event.key === "Escape" && isRunning && saving === null) stop();
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !canRun || saving !== null) return;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });

  const nothing = targets.endpoints.length + targets.backends.length === 0;
  return (
    <Page>
      <PageHeader
        title={text.title}
        actions={
          <>
            <Button disabled={!mayAct(scope, "registry:write")} onClick={() => setSaving("version")}>
              {text.saveVersion}
            </Button>
            {isRunning ? (
              <Button variant="primary" icon={<Square aria-hidden />} onClick={stop}>
                {text.stop}
              </Button>
            ) : (
              <Button variant="primary" icon={<Play aria-hidden />} disabled={!canRun} onClick={run} title={text.keys}>
                {text.run}
              </Button>
            )}
          </>
        }
      >
        {text.about}
      </PageHeader>
      {!mayRun && <Note>{text.readOnly({ role: words.nouns.roles[neededRole("playground:run")] })}</Note>}
      <div className="grid items-start gap-(--gap-page) lg:grid-cols-[minmax(320px,4fr)_minmax(0,9fr)]">
        <div className="flex min-w-0 flex-col gap-(--gap-page)">
          <PromptEditor
            project={scope.project}
            {...{ prompts, chosen, versions, source, draft, saved }}
            onChange={setDraft}
            onReset={() => setDraft({ ...toDraft(source), values: draft.values, question: draft.question, targets: draft.targets })}
          />
          <ValuesCard draft={draft} variables={variables} onChange={setDraft} />
        </div>
        <div className="flex min-w-0 flex-col gap-(--gap-page)">
          {nothing ? (
            <Card>
              <CardHead title={text.noTargets} />
              <CardBody className="flex flex-col items-start gap-3 text-ink-2">
                {text.noTargetsAbout}
                <ButtonLink href={link(`/${scope.project}/backends?new=1`)}>{text.addBackend}</ButtonLink>
              </CardBody>
            </Card>
          ) : (
            <TargetsCard targets={targets} chosen={draft.targets} onChange={(chosenNow) => setDraft({ ...draft, targets: chosenNow })} />
          )}
          <section aria-label={text.results} className="grid gap-(--gap-page) md:grid-cols-[repeat(auto-fit,minmax(230px,1fr))]">
            {runs.length === 0 && !nothing && <p className="px-1 text-ink-2">{text.before}</p>}
            {runs.map((each) => (
              <RunColumn
                key={`${each.target.kind}/${each.target.name}`}
                project={scope.project}
                run={each}
                onSave={mayAct(scope, "evaluation:write") ? () => setSaving(each) : null}
              />
            ))}
          </section>
        </div>
      </div>
      {saving === "version" && <SaveVersionDialog scope={scope} source={source} draft={draft} onClose={() => setSaving(null)} />}
      {saving !== null && saving !== "version" && (
        <SaveCaseDialog
          {...{ scope, sets, variables, draft }}
          source={saved ? source : null}
          run={saving}
          onClose={() => setSaving(null)}
        />
      )}
    </Page>
  );
}
