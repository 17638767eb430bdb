"use client";

import { useState } from "react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { Field, FormProblemNote, FormProblemProvider, inputLook, SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { describeSplit, SplitBar, type SplitPart } from "@/components/ui/split-bar";
import { useProblemForm } from "@/components/ui/use-problem-form";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatPercent, formatSpan } from "@/lib/core/words/format";
import type { Locale } from "@/lib/core/words/locale";
import { type ArmOption, armOptions } from "./arm-options";
import type { ChosenEndpoint, KnownNames } from "./new-experiment-page";
import { DURATION_UNITS, type KeptPlan, type PlanBody, type PlanDraft, readDraft, toBody } from "./plan-draft";

type Props = {
  scope: Scope;
  chosen: ChosenEndpoint;
  known: KnownNames;
  initial: PlanDraft;
  /** Where a saved plan is changed. */
  kept?: KeptPlan;
  cancelHref: string;
  onSend: (body: PlanBody) => Promise<{ ok: true } | { ok: false; problem: unknown }>;
};

/** The plan of an experiment, with what it will do in plain words as it is typed. */
export function PlanForm({ scope, chosen, known, initial, kept, cancelHref, onSend }: Props) {
  const words = useWords();
  const text = words.experiments.form;
  const [draft, setDraft] = useState(initial);
  const options = armOptions(chosen, words);
  const may = mayAct(scope, "experiment:write");
  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const { body, badNumbers } = toBody(readDraft(form), kept);
    if (badNumbers.length > 0) {
      const errors = badNumbers.map((pointer) => ({ pointer, detail: text.numberNeeded }));
      return { ok: false, problem: { title: "", code: "invalid_request", errors } };
    }
    return onSend(body);
  });
  return (
    <form
      {...formProps}
      onInput={(event) => setDraft(readDraft(new FormData(event.currentTarget)))}
      className="flex max-w-[760px] flex-col gap-(--gap-page)"
    >
      <FormProblemNote problem={problem} />
      <FormProblemProvider problem={problem}>
        <Card>
          <CardHead title={text.question} />
          <CardBody className="flex flex-col gap-3.5">
            <TextField label={text.name} name="name" hint={text.nameHint} defaultValue={initial.name} maxLength={120} />
            <TextAreaField
              label={text.hypothesis}
              name="hypothesis"
              hint={text.hypothesisHint}
              defaultValue={initial.hypothesis}
              rows={2}
              optional
            />
          </CardBody>
        </Card>
        <GroupsCard initial={initial} options={options} />
        <MetricCard initial={initial} known={known} />
        <EnoughCard initial={initial} />
        <Card>
          <CardHead title={text.summary} />
          <CardBody className="flex flex-col gap-3.5">
            <Summary draft={draft} options={options} active={chosen.endpoint.activeRelease?.number ?? null} />
            <div className="flex flex-wrap items-center gap-2.5">
              <Button
                type="submit"
                variant="primary"
                busy={busy}
                busyLabel={words.actions.saving}
                disabled={!may}
                aria-describedby={may ? undefined : "why-not"}
              >
                {text.submit}
              </Button>
              <ButtonLink variant="ghost" href={cancelHref}>
                {words.actions.cancel}
              </ButtonLink>
              {!may && (
                <span id="why-not" className="text-small text-ink-3">
                  {words.experiments.controls.needsRole({ role: words.nouns.roles[neededRole("experiment:write")] })}
                </span>
              )}
            </div>
          </CardBody>
        </Card>
      </FormProblemProvider>
    </form>
  );
}

type Options = ReturnType<typeof armOptions>;

function GroupsCard({ initial, options }: { initial: PlanDraft; options: Options }) {
  const words = useWords();
  const text = words.experiments.form;
  const choices = (list: readonly ArmOption[]) => list.map(({ value, label }) => ({ value, label }));
  return (
    <Card>
      <CardHead title={text.groups} sub={text.groupsSub} />
      <CardBody className="grid gap-3.5 md:grid-cols-[minmax(0,1fr)_180px]">
        <SelectField
          label={text.control}
          name="control"
          pointer="/arms/control"
          defaultValue={initial.control}
          options={choices(options.control)}
        />
        <TextField
          label={text.controlShare}
          name="controlShare"
          pointer="/arms/control/shareBps"
          inputMode="decimal"
          defaultValue={initial.controlShare}
        />
        <SelectField
          label={text.treatment}
          name="treatment"
          pointer="/arms/treatment"
          defaultValue={initial.treatment}
          options={choices(options.treatment)}
        />
        <TextField
          label={text.treatmentShare}
          name="treatmentShare"
          pointer="/arms/treatment/shareBps"
          inputMode="decimal"
          defaultValue={initial.treatmentShare}
        />
        <p className="text-small text-ink-3 md:col-span-2">{text.shareHint}</p>
      </CardBody>
    </Card>
  );
}

function MetricCard({ initial, known }: { initial: PlanDraft; known: KnownNames }) {
  const words = useWords();
  const text = words.experiments.form;
  return (
    <Card>
      <CardHead title={text.metricTitle} />
      <CardBody className="grid gap-3.5 md:grid-cols-2">
        <TextField
          label={text.metric}
          name="metric"
          pointer="/metric/name"
          hint={text.metricHint}
          defaultValue={initial.metric}
          list="known-metrics"
          autoComplete="off"
          spellCheck={false}
        />
        <TextField
          label={text.evaluator}
          name="evaluator"
          pointer="/metric/evaluator"
          hint={text.evaluatorHint}
          defaultValue={initial.evaluator}
          list="known-evaluators"
          autoComplete="off"
          spellCheck={false}
        />
        <SelectField
          label={text.direction}
          name="direction"
          pointer="/metric/direction"
          defaultValue={initial.direction}
          options={[
            { value: "higher", label: text.higher },
            { value: "lower", label: text.lower },
          ]}
        />
        <TextField
          label={text.margin}
          name="margin"
          pointer="/metric/practicalMargin"
          hint={text.marginHint}
          inputMode="decimal"
          defaultValue={initial.margin}
        />
        <Names id="known-metrics" names={known.metrics} />
        <Names id="known-evaluators" names={known.evaluators} />
      </CardBody>
    </Card>
  );
}

function Names({ id, names }: { id: string; names: readonly string[] }) {
  return (
    <datalist id={id}>
      {names.map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}

function EnoughCard({ initial }: { initial: PlanDraft }) {
  const words = useWords();
  const text = words.experiments.form;
  return (
    <Card>
      <CardHead title={text.enough} sub={text.enoughSub} />
      <CardBody className="grid gap-3.5 md:grid-cols-2">
        <TextField
          label={text.minSubjects}
          name="minSubjects"
          pointer="/plan/minSubjectsPerArm"
          hint={text.minSubjectsHint}
          inputMode="numeric"
          defaultValue={initial.minSubjects}
        />
        <span className="max-md:hidden" />
        <DurationField
          label={text.minDuration}
          name="minDuration"
          unitName="minUnit"
          pointer="/plan/minDurationSeconds"
          hint={text.minDurationHint}
          initial={{ count: initial.minDuration, unit: initial.minUnit }}
        />
        <DurationField
          label={text.maxDuration}
          name="maxDuration"
          unitName="maxUnit"
          pointer="/plan/maxDurationSeconds"
          hint={text.maxDurationHint}
          initial={{ count: initial.maxDuration, unit: initial.maxUnit }}
        />
      </CardBody>
    </Card>
  );
}

type DurationProps = {
  label: string;
  name: string;
  unitName: string;
  pointer: string;
  hint: string;
  initial: { count: string; unit: string };
};

function DurationField({ label, name, unitName, pointer, hint, initial }: DurationProps) {
  const words = useWords();
  const text = words.experiments.form;
  return (
    <Field label={label} name={name} pointer={pointer} hint={hint}>
      {(control) => (
        <span className="flex gap-2">
          <input {...control} inputMode="decimal" defaultValue={initial.count} className={inputLook} />
          <select
            name={unitName}
            defaultValue={initial.unit}
            aria-label={text.unitOf({ of: label })}
            className={`${inputLook} w-auto! pr-7`}
          >
            {DURATION_UNITS.map((unit) => (
              <option key={unit} value={unit}>
                {text.units[unit]}
              </option>
            ))}
          </select>
        </span>
      )}
    </Field>
  );
}

/** What a start of this plan would do, in sentences; only once the numbers can be read. */
function Summary({ draft, options, active }: { draft: PlanDraft; options: Options; active: number | null }) {
  const words = useWords();
  const locale = useLocale();
  const sentences = toSentences(draft, { options, active, words, locale });
  if (sentences === null) return <p className="text-ink-3">{words.experiments.form.sumIncomplete}</p>;
  return (
    <>
      <div>
        <SplitBar parts={sentences.parts} digits={0} />
        <p className="mt-[5px] text-small text-ink-3">{describeSplit(sentences.parts, 0)}</p>
      </div>
      <ul aria-live="polite" className="list-disc space-y-1 pl-4 text-ink-2">
        {sentences.lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  );
}

type About = { options: Options; active: number | null; words: Words; locale: Locale };

function toSentences(draft: PlanDraft, { options, active, words, locale }: About): { parts: SplitPart[]; lines: string[] } | null {
  const text = words.experiments.form;
  const { body, badNumbers } = toBody(draft);
  const { plan, arms, metric } = body;
  if (badNumbers.length > 0 || plan?.minSubjectsPerArm === undefined) return null;
  const controlBps = arms.control.shareBps;
  const treatmentBps = arms.treatment.shareBps;
  const restBps = 10_000 - controlBps - treatmentBps;
  if (controlBps <= 0 || treatmentBps <= 0 || restBps < 0) return null;
  const share = (bps: number) => formatPercent(bps / 10_000, { digits: bps % 100 === 0 ? 0 : 1 });
  const span = (seconds: number | undefined) => formatSpan((seconds ?? 0) * 1000, locale);
  const nameOf = (value: string) => options.treatment.find((option) => option.value === value)?.name ?? value;
  const running = active === null ? words.ui.none : words.endpoints.release({ number: active });
  const marginRatio = metric.practicalMargin ?? 0;
  const goal = { metric: metric.name === "" ? text.metric.toLowerCase() : metric.name, margin: formatPercent(marginRatio) };
  const isLower = metric.direction === "lower";
  const rest: SplitPart = { name: words.experiments.split.outside({ release: running }), share: restBps / 10_000, tone: "f" };
  return {
    parts: [
      ...(restBps > 0 ? [rest] : []),
      { name: nameOf(draft.control), share: controlBps / 10_000, tone: "control" },
      { name: nameOf(draft.treatment), share: treatmentBps / 10_000, tone: "treatment" },
    ],
    lines: [
      text.sumShares({
        treatment: share(treatmentBps),
        control: share(controlBps),
        treatmentArm: nameOf(draft.treatment),
        controlArm: nameOf(draft.control),
      }),
      ...(restBps > 0 ? [text.sumRest({ rest: share(restBps), release: running })] : []),
      text.sumWhen({ subjects: formatNumber(plan.minSubjectsPerArm), span: span(plan.minDurationSeconds) }),
      marginRatio > 0
        ? isLower
          ? text.sumGoodLower(goal)
          : text.sumGoodHigher(goal)
        : isLower
          ? text.sumAnyLower(goal)
          : text.sumAnyHigher(goal),
      text.sumEnd({ span: span(plan.maxDurationSeconds) }),
    ],
  };
}
