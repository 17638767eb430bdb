"use client";

import { Plus, Trash2 } from "lucide-react";
import { useWords } from "@/components/shell/words-provider";
import { Button, IconButton } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { cn } from "@/components/ui/cn";
import { SelectField, TextField } from "@/components/ui/field";
import { SplitBar } from "@/components/ui/split-bar";
import type { ArmOption } from "./arm-options";
import { ChoiceField } from "./choice-field";
import { treatmentPointer } from "./plan-body";
import { MAX_TREATMENTS, type PlanDraft, shareEqually, sumShares, withTreatment } from "./plan-draft";
import { sharesText, toSplit } from "./plan-text";

export interface ArmChoices {
  readonly control: readonly ArmOption[];
  readonly treatment: readonly ArmOption[];
}

type Props = { draft: PlanDraft; options: ArmChoices; running: string; onChange: (draft: PlanDraft) => void };

const choicesOf = (list: readonly ArmOption[]) => list.map(({ value, label }) => ({ value, label }));

/** Who gets what, in shares whose sum is said as they are typed. */
export function ArmsFields({ draft, options, running, onChange }: Props) {
  const words = useWords();
  const text = words.planForm;
  const { control, treatments } = draft;
  const isSingle = treatments.length === 1;
  const changeTreatment = (id: number, part: { choice?: string; share?: string }) =>
    onChange({ ...draft, treatments: treatments.map((each) => (each.id === id ? { ...each, ...part } : each)) });
  return (
    <Card>
      <CardHead title={text.groups} sub={text.groupsSub} />
      <CardBody className="flex flex-col gap-3.5">
        <ChoiceField
          legend={text.kind}
          name="kind"
          value={draft.isAa ? "aa" : "compare"}
          choices={[
            { value: "compare", label: text.compare, hint: text.compareHint },
            { value: "aa", label: text.aa, hint: text.aaHint },
          ]}
          onChange={(kind) => onChange({ ...draft, isAa: kind === "aa" })}
        />
        <div className="grid gap-3.5 md:grid-cols-[minmax(0,1fr)_180px]">
          <SelectField
            label={text.control}
            name="control"
            pointer="/arms/control"
            value={control.choice}
            onChange={(event) => onChange({ ...draft, control: { ...control, choice: event.target.value } })}
            options={choicesOf(options.control)}
          />
          <ShareField
            label={text.controlShare}
            name="controlShare"
            pointer="/arms/control/shareBps"
            value={control.share}
            onChange={(share) => onChange({ ...draft, control: { ...control, share } })}
          />
        </div>
        {treatments.map((each, index) => {
          const number = index + 1;
          return (
            <div key={each.id} className="grid gap-3.5 md:grid-cols-[minmax(0,1fr)_180px]">
              <SelectField
                label={isSingle ? text.treatment : text.treatmentNumbered({ number })}
                name={`treatment-${each.id}`}
                pointer={treatmentPointer(index)}
                value={draft.isAa ? control.choice : each.choice}
                disabled={draft.isAa}
                onChange={(event) => changeTreatment(each.id, { choice: event.target.value })}
                options={choicesOf(draft.isAa ? options.control : options.treatment)}
              />
              <div className="flex items-start gap-2">
                <ShareField
                  label={isSingle ? text.treatmentShare : text.treatmentShareNumbered({ number })}
                  name={`treatmentShare-${each.id}`}
                  pointer={`${treatmentPointer(index)}/shareBps`}
                  value={each.share}
                  onChange={(share) => changeTreatment(each.id, { share })}
                />
                {!isSingle && (
                  <IconButton
                    className="mt-[23px]"
                    label={text.removeTreatment({ number })}
                    onClick={() => onChange({ ...draft, treatments: treatments.filter((other) => other.id !== each.id) })}
                  >
                    <Trash2 aria-hidden />
                  </IconButton>
                )}
              </div>
            </div>
          );
        })}
        <div className="grid gap-3.5 md:grid-cols-[minmax(0,1fr)_180px]">
          <div className="flex flex-wrap items-center gap-2 self-start md:mt-[25px]">
            {treatments.length < MAX_TREATMENTS && (
              <Button
                size="sm"
                icon={<Plus aria-hidden />}
                onClick={() =>
                  onChange(
                    withTreatment(
                      draft,
                      options.treatment.map((option) => option.value),
                    ),
                  )
                }
              >
                {text.addTreatment}
              </Button>
            )}
            <Button size="sm" variant="ghost" onClick={() => onChange(shareEqually(draft))}>
              {text.shareEqually}
            </Button>
          </div>
          <ShareField
            label={text.holdout}
            name="holdout"
            pointer="/arms/holdoutBps"
            hint={text.holdoutHint}
            optional
            value={draft.holdout}
            onChange={(holdout) => onChange({ ...draft, holdout })}
          />
        </div>
        <SharesSum draft={draft} options={options} running={running} />
      </CardBody>
    </Card>
  );
}

type ShareProps = {
  label: string;
  name: string;
  pointer: string;
  value: string;
  hint?: string;
  optional?: boolean;
  onChange: (share: string) => void;
};

function ShareField({ onChange, ...field }: ShareProps) {
  return (
    <TextField {...field} className="flex-1" inputMode="decimal" autoComplete="off" onChange={(event) => onChange(event.target.value)} />
  );
}

function SharesSum({ draft, options, running }: Omit<Props, "onChange">) {
  const words = useWords();
  const text = words.planForm;
  const shares = sumShares(draft);
  if (shares.state === "unreadable") return null;
  const isWhole = shares.state === "whole";
  return (
    <div>
      <SplitBar digits={0} parts={toSplit(draft, { options, running, words })} />
      <p role="status" className={cn("mt-[5px] text-small", isWhole ? "text-ink-3" : "text-bad-ink")}>
        {sharesText(shares, words)} {isWhole && text.shareHint}
      </p>
    </div>
  );
}
