"use client";

import { GitBranch } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { describeRelease } from "@/components/endpoints/release-changes";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink, TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CheckboxField, FormProblemNote, FormProblemProvider, SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { Page, PageHeader } from "@/components/ui/page-header";
import { describeSplit, SplitBar } from "@/components/ui/split-bar";
import { useToast } from "@/components/ui/toast";
import { useProblemForm } from "@/components/ui/use-problem-form";
import { call } from "@/lib/client/call";
import { formatPercent } from "@/lib/core/words/format";
import type { Endpoint, Release } from "@/lib/domain/endpoints/api";
import type { Experiment, ExperimentSummary } from "@/lib/domain/experiments/api";
import { createRollout, type RolloutSummary } from "@/lib/domain/rollouts/api";
import { coverBps, stepsFrom } from "./hand-over";
import { parseShares, readPlan } from "./plan-form";
import { wantedSplit } from "./rollout-look";

type Props = {
  scope: Scope;
  endpoints: readonly Endpoint[];
  /** The chosen endpoint with its releases, newest first; null before one is chosen. */
  chosen: { endpoint: Endpoint; releases: readonly Release[]; busy: RolloutSummary | null; experiment: ExperimentSummary | null } | null;
  /** Of `?release=`. */
  release: number | null;
  /** Of `?experiment=`: its verdict is for its treatment, which this rollout would bring to everybody. */
  source: Experiment | null;
};

/** Start a canary. The endpoint is chosen by address, so that the releases to choose from are its own. */
export function NewRolloutPage({ scope, endpoints, chosen, release, source }: Props) {
  const words = useWords();
  const router = useRouter();
  const { link } = useShell();
  const text = words.rollouts.form;
  return (
    <Page>
      <PageHeader title={text.title}>{text.about}</PageHeader>
      <Card className="max-w-[760px]">
        <CardHead title={text.endpoint} />
        <CardBody>
          <SelectField
            label={text.endpoint}
            name="endpoint"
            value={chosen?.endpoint.name ?? ""}
            onChange={(event) => router.push(link(`/${scope.project}/rollouts?new=1&endpoint=${event.target.value}`))}
            hint={
              chosen?.endpoint.activeRelease
                ? text.running({ release: words.endpoints.release({ number: chosen.endpoint.activeRelease.number }) })
                : undefined
            }
            options={[
              { value: "", label: text.chooseEndpoint, disabled: true },
              ...endpoints.map((endpoint) => ({ value: endpoint.name, label: endpoint.name })),
            ]}
          />
        </CardBody>
      </Card>
      {chosen !== null && <Chosen key={chosen.endpoint.id} scope={scope} chosen={chosen} release={release} source={source} />}
    </Page>
  );
}

type ChosenProps = Pick<Props, "scope" | "release" | "source"> & { chosen: NonNullable<Props["chosen"]> };

function Chosen({ scope, chosen, release, source }: ChosenProps) {
  const words = useWords();
  const { link } = useShell();
  const text = words.rollouts.form;
  const { endpoint, releases, busy, experiment } = chosen;
  const base = `/${scope.project}/endpoints/${endpoint.name}`;
  const others = releases.filter((each) => each.number !== endpoint.activeRelease?.number);
  const stop = (message: string, action: { label: string; href: string }) => (
    <Note tone="hold" className="max-w-[760px]">
      <p>{message}</p>
      <TextLink href={action.href}>{action.label}</TextLink>
    </Note>
  );
  if (busy !== null)
    return stop(text.busy({ number: busy.number }), {
      label: words.overview.needs.open.rollout,
      href: link(`/${scope.project}/rollouts/${busy.number}`),
    });
  if (experiment !== null && experiment.id !== source?.id)
    return stop(words.experiments.blocks.rolloutForm({ number: experiment.number }), {
      label: words.experiments.blocks.open,
      href: link(`/${scope.project}/experiments/${experiment.number}`),
    });
  if (endpoint.activeRelease === null) return stop(text.noActive, { label: words.overview.needs.open.endpoint, href: link(base) });
  if (others.length === 0) return stop(text.noOther, { label: words.endpoints.releases.create, href: link(`${base}?new=release`) });
  return (
    <RolloutForm
      scope={scope}
      endpoint={endpoint}
      running={endpoint.activeRelease.number}
      others={others}
      release={release}
      source={source}
    />
  );
}

type FormProps = { scope: Scope; endpoint: Endpoint; running: number; others: readonly Release[] } & Pick<Props, "release" | "source">;

const defaults = {
  steps: "10, 25, 50",
  minSeconds: "300",
  maxIncrease: "1",
  maxRatio: "1.2",
  minSamples: "500",
  stepDeadlineSeconds: "7200",
};

function RolloutForm({ scope, endpoint, running, others, release, source }: FormProps) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.rollouts.form;
  const planned = source === null || release === null ? null : coverBps(source, release);
  const [steps, setSteps] = useState(planned === null ? defaults.steps : stepsFrom(planned));
  const [retry, setRetry] = useState(false);
  const [to, setTo] = useState((others.find((each) => each.number === release) ?? others[0])?.number ?? 0);
  const cover = source === null ? null : coverBps(source, to);
  const may = mayAct(scope, "rollout:drive");
  const shares = parseShares(steps);
  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const plan = readPlan(form);
    if (plan === null)
      return { ok: false, problem: { title: "", code: "invalid_request", errors: [{ pointer: "/plan/steps", detail: text.stepsWrong }] } };
    const gate = source === null || cover === null ? {} : { experiment: { experiment: source.number } };
    const answer = await call(createRollout, {
      project: scope.project,
      body: {
        endpoint: endpoint.name,
        environment: scope.environment,
        release: Number(form.get("release")),
        plan: { ...plan, ...gate },
        reason: String(form.get("reason") ?? ""),
        retry,
      },
    });
    if (!answer.ok) return answer;
    toast({ title: text.started({ number: answer.data.number }) });
    router.push(link(`/${scope.project}/rollouts/${answer.data.number}`));
    return { ok: true };
  });
  const first = shares?.[0];
  const about = { from: { number: running, id: "", digest: "" }, to: { number: to, id: "", digest: "" } };
  const before = wantedSplit({ ...about, weightBps: 0 }, words);
  const after = first === undefined ? null : wantedSplit({ ...about, weightBps: first }, words);
  return (
    <form {...formProps} className="flex max-w-[760px] flex-col gap-(--gap-page)">
      <FormProblemNote problem={problem} />
      <FormProblemProvider problem={problem}>
        <Card>
          <CardHead title={text.release} />
          <CardBody className="flex flex-col gap-3.5">
            <SelectField
              label={text.release}
              name="release"
              value={String(to)}
              onChange={(event) => setTo(Number(event.target.value))}
              options={others.map((each) => ({
                value: String(each.number),
                label: `${words.endpoints.release({ number: each.number })}: ${describeRelease(each, words)}${each.note === "" ? "" : ` – ${each.note}`}`,
              }))}
            />
            <CheckboxField label={text.retry} hint={text.retryHint} checked={retry} onCheckedChange={(value) => setRetry(value === true)} />
          </CardBody>
        </Card>
        {source !== null && cover !== null && <SourceCard source={source} cover={cover} firstBps={shares?.[0] ?? null} to={to} />}
        <Card>
          <CardHead title={text.plan} />
          <CardBody className="grid gap-3.5 md:grid-cols-2">
            <TextField
              label={text.steps}
              name="steps"
              pointer="/plan/steps"
              hint={text.stepsHint}
              error={shares === null ? text.stepsWrong : undefined}
              value={steps}
              onChange={(event) => setSteps(event.target.value)}
              className="md:col-span-2"
            />
            <TextField
              label={text.minSeconds}
              name="minSeconds"
              pointer="/plan/steps/0/minSeconds"
              inputMode="numeric"
              defaultValue={defaults.minSeconds}
            />
            <TextField
              label={text.stepDeadline}
              name="stepDeadlineSeconds"
              pointer="/plan/stepDeadlineSeconds"
              inputMode="numeric"
              defaultValue={defaults.stepDeadlineSeconds}
            />
          </CardBody>
        </Card>
        <Card>
          <CardHead title={text.gates} sub={text.gatesSub} />
          <CardBody className="grid gap-3.5 md:grid-cols-2">
            <TextField
              label={text.maxIncrease}
              name="maxIncrease"
              pointer="/plan/gates/0/maxIncrease"
              inputMode="decimal"
              defaultValue={defaults.maxIncrease}
            />
            <TextField
              label={text.errorLimit}
              name="errorLimit"
              pointer="/plan/gates/0/limit"
              inputMode="decimal"
              optional
              placeholder={text.none}
            />
            <TextField
              label={text.maxRatio}
              name="maxRatio"
              pointer="/plan/gates/1/maxRatio"
              inputMode="decimal"
              defaultValue={defaults.maxRatio}
            />
            <TextField
              label={text.latencyLimit}
              name="latencyLimit"
              pointer="/plan/gates/1/limit"
              inputMode="decimal"
              optional
              placeholder={text.none}
            />
            <TextField
              label={text.minSamples}
              name="minSamples"
              pointer="/plan/gates/0/minSamples"
              hint={text.minSamplesHint}
              inputMode="numeric"
              defaultValue={defaults.minSamples}
            />
          </CardBody>
        </Card>
        <Card>
          <CardHead title={text.firstStep} />
          <CardBody className="flex flex-col gap-3.5">
            {after !== null && (
              <div className="grid gap-3">
                <SplitLine parts={before} text={words.ui.splitNow({ split: describeSplit(before, 0) })} />
                <SplitLine parts={after} text={words.ui.splitAfter({ split: describeSplit(after, 0) })} />
              </div>
            )}
            <TextAreaField label={text.reason} name="reason" rows={2} />
            <div className="flex flex-wrap items-center gap-2.5">
              <Button
                type="submit"
                variant="primary"
                icon={<GitBranch aria-hidden />}
                busy={busy}
                busyLabel={words.actions.starting}
                disabled={!may}
                aria-describedby={may ? undefined : "why-not"}
              >
                {text.submit}
              </Button>
              <ButtonLink variant="ghost" href={link(`/${scope.project}/endpoints/${endpoint.name}`)}>
                {words.actions.cancel}
              </ButtonLink>
              {!may && (
                <span id="why-not" className="text-small text-ink-3">
                  {words.rollouts.controls.needsRole({ role: words.nouns.roles[neededRole("rollout:drive")] })}
                </span>
              )}
            </div>
          </CardBody>
        </Card>
      </FormProblemProvider>
    </form>
  );
}

type SourceProps = { source: Experiment; cover: number; firstBps: number | null; to: number };

/** What the experiment gives to the rollout: its verdict as a gate, and its treatment's subjects. */
function SourceCard({ source, cover, firstBps, to }: SourceProps) {
  const words = useWords();
  const text = words.rollouts.form.source;
  const release = words.endpoints.release({ number: to });
  const share = (bps: number) => formatPercent(bps / 10_000, { digits: bps % 100 === 0 ? 0 : 2 });
  const isShort = firstBps !== null && firstBps < cover;
  return (
    <Card>
      <CardHead title={words.experiments.numbered({ number: source.number })} sub={source.name} />
      <CardBody className="flex flex-col gap-3.5">
        <p>{text.gate({ release })}</p>
        <p>{source.state === "running" ? text.handsOver({ release }) : text.after({ release })}</p>
        {isShort ? (
          <Note tone="hold">{text.short({ first: share(firstBps), cover: share(cover), release })}</Note>
        ) : (
          <p className="text-small text-ink-3">{text.covered({ cover: share(cover), release })}</p>
        )}
      </CardBody>
    </Card>
  );
}

function SplitLine({ parts, text }: { parts: Parameters<typeof describeSplit>[0]; text: string }) {
  return (
    <div>
      <SplitBar parts={parts} label={text} />
      <p className="mt-[5px] text-small text-ink-3">{text}</p>
    </div>
  );
}
