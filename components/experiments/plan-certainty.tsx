"use client";

import { useState } from "react";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CheckboxField, Field, inputLook, TextField } from "@/components/ui/field";
import { ChoiceField } from "./choice-field";
import { toOwnSize } from "./plan-body";
import { DURATION_UNITS, type DurationUnit, emptyDraft, type PlanDraft } from "./plan-draft";
import type { SizeLook } from "./use-size";

type Props = { draft: PlanDraft; onChange: (draft: PlanDraft) => void };

const FINER = ["alpha", "power", "baselineMean", "baselineDeviation"] as const;

/** Whether a plan says more of its errors and baseline than the defaults do. */
function isFiner(draft: PlanDraft): boolean {
  const usual = emptyDraft("", "");
  return FINER.some((name) => draft[name] !== usual[name]);
}

/** How often the plan may be wrong, with the finer questions folded away. */
export function CertaintyFields({ draft, isRefused, onChange }: Props & { isRefused: boolean }) {
  const words = useWords();
  const text = words.planForm;
  const { quantile } = draft.metric;
  const [startsOpen] = useState(() => isFiner(draft));
  const put = (part: Partial<PlanDraft>) => onChange({ ...draft, ...part });
  const field = (name: (typeof FINER)[number], pointer: string) => ({
    label: text[name],
    hint: text[`${name}Hint`],
    name,
    pointer,
    inputMode: "decimal" as const,
    autoComplete: "off",
    value: draft[name],
    onChange: (event: { target: { value: string } }) => put({ [name]: event.target.value }),
  });
  return (
    <Card>
      <CardHead title={text.sure} sub={text.sureSub} />
      <CardBody className="flex flex-col gap-3.5">
        <ChoiceField
          legend={text.mode}
          name="mode"
          value={draft.mode}
          choices={[
            { value: "fixed", label: text.fixed, hint: text.fixedHint },
            { value: "sequential", label: text.sequential, hint: text.sequentialHint },
          ]}
          onChange={(mode) => put({ mode })}
        />
        <TextField
          label={text.effect}
          name="effect"
          pointer="/plan/basis/minimumDetectableEffect"
          hint={text.effectHint}
          inputMode="decimal"
          autoComplete="off"
          value={draft.effect}
          onChange={(event) => put({ effect: event.target.value })}
          className="md:max-w-[340px]"
        />
        <div className="grid items-start gap-3.5 md:grid-cols-[minmax(0,1fr)_180px]">
          <CheckboxField
            label={text.adjust}
            hint={text.adjustHint}
            checked={draft.isAdjusted}
            onCheckedChange={(checked) => put({ isAdjusted: checked === true })}
          />
          {draft.isAdjusted && (
            <TextField
              label={text.windowDays}
              name="windowDays"
              pointer="/plan/cuped/windowDays"
              inputMode="numeric"
              autoComplete="off"
              value={draft.windowDays}
              onChange={(event) => put({ windowDays: event.target.value })}
            />
          )}
        </div>
        <details className="border-t border-line pt-3" open={startsOpen || isRefused || undefined}>
          <summary className="cursor-pointer font-medium">{text.finer}</summary>
          <div className="mt-3 grid gap-3.5 md:grid-cols-2">
            <TextField {...field("alpha", "/plan/alpha")} />
            <TextField {...field("power", "/plan/power")} />
            <TextField
              {...field("baselineMean", "/plan/basis/baselineMean")}
              {...(quantile === "" ? {} : { label: text.baselineQuantile({ quantile }) })}
              optional
            />
            <TextField
              {...field("baselineDeviation", "/plan/basis/baselineDeviation")}
              {...(quantile === "" ? {} : { label: text.baselineSpread, hint: text.baselineSpreadHint })}
              optional
            />
          </div>
        </details>
      </CardBody>
    </Card>
  );
}

/** When it is enough: as calculated, or a person's own numbers, which begin as the calculated ones. */
export function EnoughFields({ draft, look, onChange }: Props & { look: SizeLook }) {
  const words = useWords();
  const text = words.planForm;
  const put = (part: Partial<PlanDraft>) => onChange({ ...draft, ...part });
  return (
    <Card>
      <CardHead title={text.enough} sub={text.enoughSub} />
      <CardBody className="flex flex-col gap-3.5">
        <ChoiceField
          legend={text.sizing}
          name="sizing"
          value={draft.sizing}
          choices={[
            { value: "planned", label: text.planned, hint: text.plannedHint },
            { value: "own", label: text.own, hint: text.ownHint },
          ]}
          onChange={(sizing) => put(sizing === "own" ? toOwnSize(look.size) : { sizing })}
        />
        {draft.sizing === "own" && (
          <div className="grid gap-3.5 md:grid-cols-2">
            <TextField
              label={text.minSubjects}
              name="minSubjects"
              pointer="/plan/minSubjectsPerArm"
              hint={text.minSubjectsHint}
              inputMode="numeric"
              autoComplete="off"
              value={draft.minSubjects}
              onChange={(event) => put({ minSubjects: event.target.value })}
            />
            <span className="max-md:hidden" />
            <DurationField
              label={text.minDuration}
              name="minDuration"
              pointer="/plan/minDurationSeconds"
              hint={text.minDurationHint}
              count={draft.minDuration}
              unit={draft.minUnit}
              onChange={(minDuration, minUnit) => put({ minDuration, minUnit })}
            />
            <DurationField
              label={text.maxDuration}
              name="maxDuration"
              pointer="/plan/maxDurationSeconds"
              hint={text.maxDurationHint}
              count={draft.maxDuration}
              unit={draft.maxUnit}
              onChange={(maxDuration, maxUnit) => put({ maxDuration, maxUnit })}
            />
          </div>
        )}
      </CardBody>
    </Card>
  );
}

type DurationProps = {
  label: string;
  name: string;
  pointer: string;
  hint: string;
  count: string;
  unit: DurationUnit;
  onChange: (count: string, unit: DurationUnit) => void;
};

function DurationField({ label, name, pointer, hint, count, unit, onChange }: DurationProps) {
  const words = useWords();
  const text = words.planForm;
  return (
    <Field label={label} name={name} pointer={pointer} hint={hint}>
      {(control) => (
        <span className="flex gap-2">
          <input
            {...control}
            inputMode="decimal"
            autoComplete="off"
            value={count}
            onChange={(event) => onChange(event.target.value, unit)}
            className={inputLook}
          />
          <select
            name={`${name}Unit`}
            value={unit}
            onChange={(event) => onChange(count, DURATION_UNITS.find((each) => each === event.target.value) ?? unit)}
            aria-label={text.unitOf({ of: label })}
            className={`${inputLook} w-auto! shrink-0 pr-7`}
          >
            {DURATION_UNITS.map((each) => (
              <option key={each} value={each}>
                {text.units[each]}
              </option>
            ))}
          </select>
        </span>
      )}
    </Field>
  );
}
