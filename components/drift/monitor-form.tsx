"use client";

import { useState } from "react";
import { FormActions } from "@/components/endpoints/form-actions";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { FormProblemNote, FormProblemProvider, SelectField, TextField } from "@/components/ui/field";
import { useProblemForm } from "@/components/ui/use-problem-form";
import type { DriftSettings } from "@/lib/domain/drift/api";
import { FeatureChoice } from "./feature-choice";
import { type MonitorBody, readMonitorForm, toLocal } from "./monitor-draft";
import { SpanField } from "./span-field";

type Sent = Promise<{ ok: true } | { ok: false; problem: unknown }>;

type Props = {
  scope: Scope;
  initial: DriftSettings & { name: string };
  /** Endpoints to choose from; null where the monitor has one. */
  endpoints: readonly string[] | null;
  endpoint?: string;
  submit: string;
  cancelHref: string;
  onSend: (body: MonitorBody, endpoint: string) => Sent;
};

/** What a monitor compares, when, and from where on it says so. */
export function MonitorForm({ scope, initial, endpoints, endpoint, submit, cancelHref, onSend }: Props) {
  const words = useWords();
  const text = words.drift.form;
  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const { body, badNumbers } = readMonitorForm(form);
    const errors = badNumbers.map((pointer) => ({ pointer, detail: text.numberNeeded }));
    if (body.features.length === 0) errors.push({ pointer: "/features", detail: text.featureNeeded });
    if (errors.length > 0) return { ok: false, problem: { title: "", code: "invalid_request", errors } };
    return onSend(body, String(form.get("endpoint") ?? ""));
  });
  return (
    <form {...formProps} className="flex max-w-[760px] flex-col gap-(--gap-page)">
      <FormProblemNote problem={problem} />
      <FormProblemProvider problem={problem}>
        <Card>
          <CardBody className="grid gap-3.5 pt-4 md:grid-cols-2">
            <TextField
              label={text.name}
              name="name"
              hint={text.nameHint}
              defaultValue={initial.name}
              autoComplete="off"
              spellCheck={false}
            />
            {endpoints !== null && (
              <SelectField
                label={text.endpoint}
                name="endpoint"
                defaultValue={endpoint ?? ""}
                options={[
                  { value: "", label: text.chooseEndpoint, disabled: true },
                  ...endpoints.map((name) => ({ value: name, label: name })),
                ]}
              />
            )}
            <TextField
              label={text.release}
              name="release"
              hint={text.releaseHint}
              inputMode="numeric"
              optional
              defaultValue={initial.release ?? ""}
            />
            <SelectField
              label={text.outcomes}
              name="outcomes"
              defaultValue={initial.outcomes}
              options={[
                { value: "complete", label: text.outcomesComplete },
                { value: "all", label: text.outcomesAll },
              ]}
            />
          </CardBody>
        </Card>
        <FeatureChoice initial={initial.features} mistake={problem?.fields["/features"]} />
        <WindowsCard initial={initial} />
        <LimitsCard initial={initial} />
      </FormProblemProvider>
      <FormActions
        submit={submit}
        busy={busy}
        busyLabel={words.actions.saving}
        cancelHref={cancelHref}
        role={mayAct(scope, "drift:write") ? null : neededRole("drift:write")}
      />
    </form>
  );
}

function WindowsCard({ initial }: { initial: DriftSettings }) {
  const words = useWords();
  const text = words.drift.form;
  const [kind, setKind] = useState(initial.reference.kind);
  const trailing = initial.reference.kind === "trailing" ? initial.reference : { lengthMinutes: 10_080, gapMinutes: 0 };
  const fixed = initial.reference.kind === "fixed" ? initial.reference : { from: "", to: "" };
  return (
    <Card>
      <CardHead title={text.windows} />
      <CardBody className="grid gap-3.5 md:grid-cols-2">
        <SpanField label={text.current} name="current" pointer="/currentMinutes" hint={text.currentHint} minutes={initial.currentMinutes} />
        <SpanField label={text.every} name="every" pointer="/everyMinutes" hint={text.everyHint} minutes={initial.everyMinutes} optional />
        <SelectField
          className="md:col-span-2"
          label={text.kind}
          name="kind"
          pointer="/reference/kind"
          value={kind}
          onChange={(event) => setKind(event.target.value === "fixed" ? "fixed" : "trailing")}
          options={[
            { value: "trailing", label: text.kinds.trailing },
            { value: "fixed", label: text.kinds.fixed },
          ]}
        />
        {kind === "trailing" ? (
          <>
            <SpanField label={text.length} name="length" pointer="/reference/lengthMinutes" minutes={trailing.lengthMinutes} />
            <SpanField
              label={text.gap}
              name="gap"
              pointer="/reference/gapMinutes"
              hint={text.gapHint}
              minutes={trailing.gapMinutes === 0 ? null : trailing.gapMinutes}
              optional
            />
          </>
        ) : (
          <>
            <TextField label={text.from} name="from" pointer="/reference/from" type="datetime-local" defaultValue={toLocal(fixed.from)} />
            <TextField
              label={text.to}
              name="to"
              pointer="/reference/to"
              hint={text.toHint}
              type="datetime-local"
              defaultValue={toLocal(fixed.to)}
            />
          </>
        )}
      </CardBody>
    </Card>
  );
}

function LimitsCard({ initial: { limits, minSamples } }: { initial: DriftSettings }) {
  const words = useWords();
  const text = words.drift.form;
  const decimal = (name: keyof DriftSettings["limits"], hint?: string) => (
    <TextField
      label={text[name]}
      name={name}
      pointer={`/limits/${name}`}
      hint={hint}
      inputMode="decimal"
      autoComplete="off"
      defaultValue={limits[name]}
    />
  );
  return (
    <Card>
      <CardHead title={text.limits} />
      <CardBody className="grid gap-3.5 md:grid-cols-2">
        {decimal("psiWarn")}
        {decimal("psiDrift")}
        {decimal("ksAlpha", words.drift.facts.correction)}
        {decimal("ksMinDistance", text.ksHint)}
        <TextField label={text.minSamples} name="minSamples" inputMode="numeric" autoComplete="off" defaultValue={minSamples} />
      </CardBody>
    </Card>
  );
}
