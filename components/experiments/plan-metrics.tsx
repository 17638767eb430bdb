"use client";

import { Plus, Trash2 } from "lucide-react";
import { useId } from "react";
import { useWords } from "@/components/shell/words-provider";
import { Button, IconButton } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { SelectField, TextField } from "@/components/ui/field";
import { USAGE_METRICS } from "@/lib/domain/experiments/api";
import type { KnownNames } from "./new-experiment-page";
import { MAX_GUARDRAILS, MAX_SIGNALS, type MetricDraft, type MetricList, type PlanDraft, withMetric } from "./plan-draft";

type CardProps = { draft: PlanDraft; known: KnownNames; onChange: (draft: PlanDraft) => void };

/** The one metric that decides. */
export function PrimaryMetric({ draft, known, onChange }: CardProps) {
  const words = useWords();
  const text = words.planForm;
  return (
    <Card>
      <CardHead title={text.metricTitle} sub={text.metricSub} />
      <CardBody>
        <MetricFields
          metric={draft.metric}
          at="/metric"
          namePointer="/metric/name"
          known={known}
          margin={{ label: text.margin, hint: text.marginHint }}
          onChange={(metric) => onChange({ ...draft, metric })}
        />
      </CardBody>
    </Card>
  );
}

const most: Record<MetricList, number> = { guardrails: MAX_GUARDRAILS, signals: MAX_SIGNALS };

/** Metrics beside the primary one, none to begin with. */
export function MoreMetrics({ draft, known, list, onChange }: CardProps & { list: MetricList }) {
  const words = useWords();
  const text = words.planForm;
  const own = text.lists[list];
  const margin =
    list === "guardrails"
      ? { label: text.guardrailMargin, hint: text.guardrailMarginHint }
      : { label: text.signalMargin, hint: text.signalMarginHint };
  const metrics = draft[list];
  const put = (next: readonly MetricDraft[]) => onChange({ ...draft, [list]: next });
  return (
    <Card>
      <CardHead title={own.title} sub={own.sub} />
      <CardBody className="flex flex-col gap-3.5">
        <p className="text-small text-ink-3">{own.about}</p>
        {metrics.map((metric, index) => {
          const number = index + 1;
          return (
            <fieldset key={metric.id} className="min-w-0 border-t border-line pt-3">
              <legend className="float-left mb-2 w-full text-small font-semibold">
                <span className="flex items-center justify-between gap-2">
                  {own.one({ number })}
                  <IconButton label={own.remove({ number })} onClick={() => put(metrics.filter((each) => each.id !== metric.id))}>
                    <Trash2 aria-hidden />
                  </IconButton>
                </span>
              </legend>
              <MetricFields
                metric={metric}
                at={`/${list}/${index}`}
                namePointer={`/${list}/${index}`}
                known={known}
                margin={margin}
                onChange={(changed) => put(metrics.map((each) => (each.id === metric.id ? changed : each)))}
              />
            </fieldset>
          );
        })}
        <div>
          <Button
            size="sm"
            icon={<Plus aria-hidden />}
            disabled={metrics.length >= most[list]}
            onClick={() => onChange(withMetric(draft, list))}
          >
            {own.add}
          </Button>
        </div>
      </CardBody>
    </Card>
  );
}

type FieldsProps = {
  metric: MetricDraft;
  /** Where the API names its mistakes. */
  at: string;
  /** Where mistakes of the whole metric stand too: beside its name. */
  namePointer: string;
  known: KnownNames;
  margin: { label: string; hint: string };
  onChange: (metric: MetricDraft) => void;
};

const times: readonly string[] = ["latency_ms", "ttft_ms", "tpot_ms"];
const quantiles = ["50", "90", "95", "99"];
const eitherWay: readonly string[] = ["input_tokens", "output_tokens"];

function MetricFields({ metric, at, namePointer, known, margin, onChange }: FieldsProps) {
  const words = useWords();
  const text = words.planForm;
  const id = useId();
  const isUsage = metric.source === "usage";
  const put = (part: Partial<MetricDraft>) => onChange({ ...metric, ...part });
  const evaluators = known.scores.filter((each) => each.metric === metric.name.trim()).map((each) => each.evaluator);
  const isUnknown = !isUsage && metric.name.trim() !== "" && evaluators.length === 0;
  return (
    <div className="clear-both grid gap-3.5 md:grid-cols-2">
      <SelectField
        label={text.source}
        name={`${at}/source`}
        pointer={`${at}/source`}
        value={metric.source}
        onChange={(event) =>
          event.target.value === "usage"
            ? put({ source: "usage", name: "", quantile: "", direction: "lower" })
            : put({ source: "score", name: "" })
        }
        options={[
          { value: "score", label: text.sources.score },
          { value: "usage", label: text.sources.usage },
        ]}
      />
      {isUsage ? (
        <SelectField
          label={text.metric}
          name={`${at}/name`}
          pointer={namePointer}
          value={metric.name}
          onChange={(event) => {
            const name = event.target.value;
            const quantile = times.includes(name) ? metric.quantile : "";
            put(eitherWay.includes(name) ? { name, quantile } : { name, quantile, direction: "lower" });
          }}
          options={[
            { value: "", label: text.chooseMetric, disabled: true },
            ...USAGE_METRICS.map((name) => ({ value: name, label: text.usage[name] })),
          ]}
        />
      ) : (
        <TextField
          label={text.metric}
          name={`${at}/name`}
          pointer={namePointer}
          hint={isUnknown ? text.metricUnknown : text.metricHint}
          value={metric.name}
          onChange={(event) => put({ name: event.target.value })}
          list={`${id}-metrics`}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      )}
      {!isUsage && (
        <TextField
          label={text.evaluator}
          name={`${at}/evaluator`}
          pointer={`${at}/evaluator`}
          hint={text.evaluatorHint}
          value={metric.evaluator}
          onChange={(event) => put({ evaluator: event.target.value })}
          list={`${id}-evaluators`}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      )}
      {(!isUsage || times.includes(metric.name)) && (
        <SelectField
          label={text.statistic}
          name={`${at}/quantile`}
          pointer={`${at}/quantile`}
          hint={metric.quantile === "" ? undefined : text.quantileHint({ quantile: metric.quantile })}
          value={metric.quantile}
          onChange={(event) => put({ quantile: event.target.value })}
          options={[
            { value: "", label: text.mean },
            ...[...new Set([...quantiles, ...(metric.quantile === "" ? [] : [metric.quantile])])].map((quantile) => ({
              value: quantile,
              label: text.quantile({ quantile }),
            })),
          ]}
        />
      )}
      <SelectField
        label={text.direction}
        name={`${at}/direction`}
        pointer={`${at}/direction`}
        value={metric.direction}
        disabled={isUsage && !eitherWay.includes(metric.name)}
        onChange={(event) => put({ direction: event.target.value === "lower" ? "lower" : "higher" })}
        options={[
          { value: "higher", label: text.higher },
          { value: "lower", label: text.lower },
        ]}
      />
      <TextField
        label={margin.label}
        name={`${at}/margin`}
        pointer={`${at}/practicalMargin`}
        hint={margin.hint}
        inputMode="decimal"
        autoComplete="off"
        value={metric.margin}
        onChange={(event) => put({ margin: event.target.value })}
      />
      <Names id={`${id}-metrics`} names={known.scores.map((each) => each.metric)} />
      <Names id={`${id}-evaluators`} names={evaluators.length > 0 ? evaluators : known.scores.map((each) => each.evaluator)} />
    </div>
  );
}

function Names({ id, names }: { id: string; names: readonly string[] }) {
  return (
    <datalist id={id}>
      {[...new Set(names)].sort().map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}
