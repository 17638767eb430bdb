"use client";

import { useRouter } from "next/navigation";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { SelectField } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import { Page, PageHeader } from "@/components/ui/page-header";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import type { Endpoint, Release } from "@/lib/domain/endpoints/api";
import { changeExperiment, createExperiment, type Experiment } from "@/lib/domain/experiments/api";
import { armOptions } from "./arm-options";
import { emptyDraft, toDraft, toKept } from "./plan-draft";
import { PlanForm } from "./plan-form";

/** The chosen endpoint with its releases, newest first. */
export type ChosenEndpoint = { endpoint: Endpoint; releases: readonly Release[] };
/** Metric and evaluator names that scores have been posted with lately. */
export type KnownNames = { metrics: readonly string[]; evaluators: readonly string[] };

type Props = {
  scope: Scope;
  endpoints: readonly Endpoint[];
  /** Null before one is chosen. */
  chosen: ChosenEndpoint | null;
  known: KnownNames;
  /** Of `?release=`: the treatment to begin with. */
  release: number | null;
};

/** Plan an experiment. The endpoint is chosen by address, so that the releases to choose from are its own. */
export function NewExperimentPage({ scope, endpoints, chosen, known, release }: Props) {
  const words = useWords();
  const router = useRouter();
  const { link } = useShell();
  const text = words.experiments.form;
  const active = chosen?.endpoint.activeRelease?.number;
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
            onChange={(event) => router.push(link(`/${scope.project}/experiments?new=1&endpoint=${event.target.value}`))}
            hint={active === undefined ? undefined : text.running({ release: words.endpoints.release({ number: active }) })}
            options={[
              { value: "", label: text.chooseEndpoint, disabled: true },
              ...endpoints.map((endpoint) => ({ value: endpoint.name, label: endpoint.name })),
            ]}
          />
        </CardBody>
      </Card>
      {chosen !== null && <Chosen key={chosen.endpoint.id} scope={scope} chosen={chosen} known={known} release={release} />}
    </Page>
  );
}

function Chosen({ scope, chosen, known, release }: Omit<Props, "endpoints" | "chosen"> & { chosen: ChosenEndpoint }) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.experiments.form;
  const { endpoint, releases } = chosen;
  const options = armOptions(chosen, words);
  const base = `/${scope.project}/endpoints/${endpoint.name}`;
  const [control] = options.control;
  const treatments = options.treatment.filter((option) => option.value !== control?.value);
  const treatment = treatments.find((option) => option.release === release) ?? treatments[0];
  if (endpoint.activeRelease === null || control === undefined)
    return <Stop message={text.noActive} action={{ label: words.overview.needs.open.endpoint, href: link(base) }} />;
  if (treatment === undefined)
    return (
      <Stop
        message={text.noOther}
        action={{ label: words.endpoints.releases.create, href: link(`${base}?new=release&from=${releases[0]?.number ?? ""}`) }}
      />
    );
  return (
    <PlanForm
      scope={scope}
      chosen={chosen}
      known={known}
      initial={emptyDraft(control.value, treatment.value)}
      cancelHref={link(`/${scope.project}/experiments`)}
      onSend={async (body) => {
        const answer = await call(createExperiment, {
          project: scope.project,
          body: { ...body, endpoint: endpoint.name, environment: scope.environment },
        });
        if (!answer.ok) return answer;
        toast({ title: text.saved({ number: answer.data.number }), detail: text.savedDetail });
        router.push(link(`/${scope.project}/experiments/${answer.data.number}`));
        return { ok: true };
      }}
    />
  );
}

function Stop({ message, action }: { message: string; action: { label: string; href: string } }) {
  return (
    <Note tone="hold" className="max-w-[760px]">
      <p>{message}</p>
      <TextLink href={action.href}>{action.label}</TextLink>
    </Note>
  );
}

type EditProps = { scope: Scope; experiment: Experiment; etag: string; chosen: ChosenEndpoint; known: KnownNames };

/** Change a draft's plan. What somebody else changed meanwhile is not overwritten. */
export function EditExperimentPage({ scope, experiment, etag, chosen, known }: EditProps) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.experiments.form;
  const href = link(`/${scope.project}/experiments/${experiment.number}`);
  return (
    <Page>
      <PageHeader title={text.editTitle({ number: experiment.number })}>{text.about}</PageHeader>
      <PlanForm
        scope={scope}
        chosen={chosen}
        known={known}
        initial={toDraft(experiment)}
        kept={toKept(experiment)}
        cancelHref={href}
        onSend={async (body) => {
          const answer = await call(changeExperiment, { project: scope.project, params: { id: experiment.id }, ifMatch: etag, body });
          if (!answer.ok) return answer;
          toast({ title: text.updated });
          router.push(href);
          router.refresh();
          return { ok: true };
        }}
      />
    </Page>
  );
}
