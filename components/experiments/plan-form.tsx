"use client";

import { flushSync } from "react-dom";
import { FormActions } from "@/components/endpoints/form-actions";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { FormProblemNote, FormProblemProvider, TextAreaField, TextField } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { useLeaveGuard } from "@/components/ui/use-leave-guard";
import { useProblemForm } from "@/components/ui/use-problem-form";
import type { Words } from "@/lib/core/words";
import type { Shortcut } from "@/lib/domain/experiments/api";
import { armOptions } from "./arm-options";
import type { ChosenEndpoint, KnownNames } from "./new-experiment-page";
import { ArmsFields } from "./plan-arms";
import { lacksSize, type ReadPlan, shortcutsOf, toBody, toOwnSize, toPlanPointers, toSizeQuestion, treatmentPointer } from "./plan-body";
import { CertaintyFields, EnoughFields } from "./plan-certainty";
import { type PlanBody, type PlanDraft, sumShares } from "./plan-draft";
import { LayerFields } from "./plan-layer";
import { MoreMetrics, PrimaryMetric } from "./plan-metrics";
import { SizeCards } from "./plan-size-card";
import { sharesText, toSentences } from "./plan-text";
import { SegmentFields } from "./segment-fields";
import { useKeptPlan } from "./use-kept-plan";
import { askSize, useSize } from "./use-size";

type Props = {
  scope: Scope;
  chosen: ChosenEndpoint;
  known: KnownNames;
  initial: PlanDraft;
  /** What this form is of, so that what was typed is found again; `isOpen` false: `initial` is what was typed. */
  keep: { readonly name: string; readonly isOpen: boolean };
  /** The version before it, which gives its place in a layer back when this one starts. */
  predecessor?: number | null;
  cancelHref: string;
  /** Told of every change, so that choosing another endpoint loses nothing. */
  onDraft?: (draft: PlanDraft) => void;
  onSend: (body: PlanBody) => Promise<{ ok: true } | { ok: false; problem: unknown }>;
};

/** Fields that open when a mistake stands at them. */
const FOLDED = ["/plan/alpha", "/plan/power", "/plan/basis/baselineMean", "/plan/basis/baselineDeviation"];

/** The plan of an experiment, with what it costs and what it will do in plain words as it is typed. */
export function PlanForm({ scope, chosen, known, initial, keep, predecessor = null, cancelHref, onDraft, onSend }: Props) {
  const words = useWords();
  const text = words.planForm;
  const { user } = useShell().data;
  const at = [user.email ?? user.name, scope.project, keep.name];
  const { draft, isBack, forget, ...kept } = useKeptPlan({ ...keep, name: at.join("/") }, initial);
  const { endpoint } = chosen;
  const options = armOptions(chosen, words);
  const active = endpoint.activeRelease?.number;
  const running = active === undefined ? words.ui.none : words.endpoints.release({ number: active });
  const question = toSizeQuestion(draft, { endpoint: endpoint.name, environment: scope.environment });
  const look = useSize(scope.project, question);
  const size = question === null ? null : look.size;
  const read = toBody(draft, size);
  useLeaveGuard(draft !== initial);
  const change = (next: PlanDraft) => {
    kept.change(next);
    onDraft?.(next);
  };
  const send = async (body: PlanBody) => {
    const answer = await onSend(body);
    if (answer.ok) forget();
    return answer;
  };
  const { problem, busy, formProps } = useProblemForm(async () => {
    const { mistakes } = read;
    const errors = [...mistakesOf(mistakes, text), ...sumMistakes(draft, words)];
    if (errors.length > 0) return refusal(errors);
    if (question === null) return send(read.body);
    const answer = await askSize(scope.project, question, look);
    if (!answer.ok) return { ok: false, problem: answer.problem === null ? null : toPlanPointers(answer.problem) };
    if (lacksSize(draft, answer.data)) {
      // The field must be there before its mistake is.
      flushSync(() => change({ ...draft, ...toOwnSize(answer.data), minSubjects: "" }));
      return refusal([{ pointer: "/plan/minSubjectsPerArm", detail: text.sizeNeeded }]);
    }
    return send(toBody(draft, answer.data).body);
  });
  const parts = { draft, onChange: change };
  const minSubjects = read.body.plan?.minSubjectsPerArm ?? Number.NaN;
  return (
    <form {...formProps} className="grid items-start gap-(--gap-page) lg:grid-cols-[minmax(0,760px)_minmax(300px,360px)]">
      <FormProblemProvider problem={problem}>
        <div key={isBack ? "back" : "new"} className="flex min-w-0 flex-col gap-(--gap-page)">
          {isBack && (
            <Note role="status">
              <p>{text.back}</p>
              <Button size="sm" className="mt-2" onClick={kept.beginAnew}>
                {text.beginAnew}
              </Button>
            </Note>
          )}
          <FormProblemNote problem={problem} />
          <QuestionFields {...parts} />
          <ArmsFields {...parts} options={options} running={running} />
          <LayerFields {...parts} layers={known.layers} predecessor={predecessor} />
          <PrimaryMetric {...parts} known={known} />
          <MoreMetrics {...parts} known={known} list="guardrails" />
          <MoreMetrics {...parts} known={known} list="signals" />
          <SegmentFields chosen={draft.segments} onChange={(segments) => change({ ...draft, segments })} />
          <CertaintyFields {...parts} isRefused={FOLDED.some((pointer) => problem?.fields[pointer] !== undefined)} />
          <EnoughFields {...parts} look={look} />
        </div>
        <div className="flex min-w-0 flex-col gap-(--gap-page) lg:sticky lg:top-4">
          <SizeCards
            draft={draft}
            look={look}
            isAsked={question !== null}
            minSubjects={Number.isFinite(minSubjects) ? minSubjects : null}
          />
          <Card>
            <CardHead title={text.summary} />
            <CardBody className="flex flex-col gap-3.5">
              <Summary draft={draft} read={read} options={options} running={running} />
              <Shortcuts shortcuts={shortcutsOf(read, size)} />
              <FormActions
                submit={text.submit}
                busy={busy}
                busyLabel={words.actions.saving}
                cancelHref={cancelHref}
                onCancel={forget}
                role={mayAct(scope, "experiment:write") ? null : neededRole("experiment:write")}
              />
            </CardBody>
          </Card>
        </div>
      </FormProblemProvider>
    </form>
  );
}

const refusal = (errors: readonly { pointer: string; detail: string }[]) =>
  ({ ok: false, problem: { title: "", code: "invalid_request", errors } }) as const;

type MistakeWords = { numberNeeded: string; twoDecimals: string };

const mistakesOf = (mistakes: ReadPlan["mistakes"], text: MistakeWords) =>
  mistakes.map(({ pointer, kind }) => ({ pointer, detail: kind === "number" ? text.numberNeeded : text.twoDecimals }));

/** Shares that do not sum to 100 %, at the last one of them. */
function sumMistakes(draft: PlanDraft, words: Words) {
  const shares = sumShares(draft);
  if (shares.state === "whole" || shares.state === "unreadable") return [];
  const at = draft.holdout.trim() === "" ? `${treatmentPointer(draft.treatments.length - 1)}/shareBps` : "/arms/holdoutBps";
  return [{ pointer: at, detail: sharesText(shares, words) }];
}

function QuestionFields({ draft, onChange }: { draft: PlanDraft; onChange: (draft: PlanDraft) => void }) {
  const words = useWords();
  const text = words.planForm;
  return (
    <Card>
      <CardHead title={text.question} />
      <CardBody className="flex flex-col gap-3.5">
        <TextField
          label={text.name}
          name="name"
          hint={text.nameHint}
          value={draft.name}
          onChange={(event) => onChange({ ...draft, name: event.target.value })}
          maxLength={120}
          autoComplete="off"
        />
        <TextAreaField
          label={text.hypothesis}
          name="hypothesis"
          hint={text.hypothesisHint}
          value={draft.hypothesis}
          onChange={(event) => onChange({ ...draft, hypothesis: event.target.value })}
          rows={2}
          optional
        />
      </CardBody>
    </Card>
  );
}

type SummaryProps = { draft: PlanDraft; read: ReadPlan; options: ReturnType<typeof armOptions>; running: string };

/** What a start of this plan would do, in sentences; only once the numbers can be read. */
function Summary({ draft, read, options, running }: SummaryProps) {
  const words = useWords();
  const locale = useLocale();
  const lines = toSentences({ draft, read }, { options, running, words, locale });
  if (lines === null) return <p className="text-ink-3">{words.planForm.sumIncomplete}</p>;
  return (
    <ul aria-live="polite" className="list-disc space-y-1 pl-4 text-ink-2">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Shortcuts({ shortcuts }: { shortcuts: readonly Shortcut[] }) {
  const words = useWords();
  const text = words.planForm.shortcuts;
  if (shortcuts.length === 0) return null;
  return (
    <Note tone="hold" title={text.title} role="status">
      <ul className="list-disc pl-4">
        {shortcuts.map((each) => (
          <li key={each}>{text[each]}</li>
        ))}
      </ul>
      <p className="text-small text-ink-3">{text.about}</p>
    </Note>
  );
}
