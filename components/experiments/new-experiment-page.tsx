"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
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
import { changeExperiment, createExperiment, type Experiment, type ExperimentLayer } from "@/lib/domain/experiments/api";
import { armOptions } from "./arm-options";
import { emptyDraft, type PlanDraft, toCopy, toDraft, withArmsOf } from "./plan-draft";
import { PlanForm } from "./plan-form";

/** The chosen endpoint with its releases, newest first. */
export type ChosenEndpoint = { endpoint: Endpoint; releases: readonly Release[] };
/** What scores have been posted lately, and the environment's layers. */
export type KnownNames = { scores: readonly { metric: string; evaluator: string }[]; layers: readonly ExperimentLayer[] };

type Props = {
  scope: Scope;
  endpoints: readonly Endpoint[];
  /** Null before one is chosen. */
  chosen: ChosenEndpoint | null;
  known: KnownNames;
  /** Of `?release=`: the treatment to begin with. */
  release: number | null;
  /** Of `?from=`: the experiment that this one begins as. */
  source: Experiment | null;
};

/** Plan an experiment. The endpoint is chosen by address, so that the releases to choose from are its own. */
export function NewExperimentPage({ scope, endpoints, chosen, known, release, source }: Props) {
  const words = useWords();
  const router = useRouter();
  const { link } = useShell();
  const text = words.planForm;
  const [typed, setTyped] = useState<PlanDraft | null>(null);
  const active = chosen?.endpoint.activeRelease?.number;
  const from = source === null ? "" : `&from=${source.number}`;
  return (
    <Page>
      <PageHeader title={source === null ? text.title : text.copyTitle({ number: source.number })}>
        {text.about} {source !== null && text.copied({ number: source.number })}
      </PageHeader>
      <Card className="max-w-[760px]">
        <CardHead title={text.endpoint} />
        <CardBody>
          <SelectField
            label={text.endpoint}
            name="endpoint"
            value={chosen?.endpoint.name ?? ""}
            onChange={(event) => router.push(link(`/${scope.project}/experiments?new=1&endpoint=${event.target.value}${from}`))}
            hint={active === undefined ? undefined : text.running({ release: words.endpoints.release({ number: active }) })}
            options={[
              { value: "", label: text.chooseEndpoint, disabled: true },
              ...endpoints.map((endpoint) => ({ value: endpoint.name, label: endpoint.name })),
            ]}
          />
        </CardBody>
      </Card>
      {chosen !== null && <Chosen key={chosen.endpoint.id} {...{ scope, chosen, known, release, source, typed }} onDraft={setTyped} />}
    </Page>
  );
}

type ChosenProps = Omit<Props, "endpoints" | "chosen"> & {
  chosen: ChosenEndpoint;
  /** What was typed before another endpoint was chosen; null: nothing. */
  typed: PlanDraft | null;
  onDraft: (draft: PlanDraft) => void;
};

function Chosen({ scope, chosen, known, release, source, typed, onDraft }: ChosenProps) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.planForm;
  const { endpoint, releases } = chosen;
  const options = armOptions(chosen, words);
  const base = `/${scope.project}/endpoints/${endpoint.name}`;
  const [control] = options.control;
  const [initial] = useState(() => toInitial());
  if (endpoint.activeRelease === null || control === undefined)
    return <Stop message={text.noActive} action={{ label: words.overview.needs.open.endpoint, href: link(base) }} />;
  return (
    <>
      {options.treatment.length < 2 && (
        <Stop
          message={text.noOther}
          action={{ label: words.endpoints.releases.create, href: link(`${base}?new=release&from=${releases[0]?.number ?? ""}`) }}
        />
      )}
      <PlanForm
        scope={scope}
        chosen={chosen}
        known={known}
        initial={initial}
        keep={{
          name: ["new", scope.environment, endpoint.name, endpoint.activeRelease.number, source?.number ?? "", release ?? ""].join("/"),
          isOpen: typed === null,
        }}
        onDraft={onDraft}
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
    </>
  );

  function toInitial(): PlanDraft {
    const others = options.treatment.filter((option) => option.value !== control?.value);
    const treatment = others.find((option) => option.release === release) ?? others[0];
    const usual = { ...emptyDraft(control?.value ?? "", treatment?.value ?? control?.value ?? ""), isAa: treatment === undefined };
    if (typed !== null) return withArmsOf(typed, usual);
    if (source === null) return usual;
    const names = {
      control: options.control.map(({ value }) => value),
      treatment: options.treatment.map(({ value }) => value),
      layers: known.layers.map(({ name }) => name),
    };
    return toCopy(source, { name: text.copyName({ name: source.name }), usual, known: names });
  }
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
  const text = words.planForm;
  const href = link(`/${scope.project}/experiments/${experiment.number}`);
  const [initial] = useState(() => toDraft(experiment));
  return (
    <Page>
      <PageHeader title={text.editTitle({ number: experiment.number })}>{text.about}</PageHeader>
      <PlanForm
        scope={scope}
        chosen={chosen}
        known={known}
        initial={initial}
        keep={{ name: [experiment.id, etag].join("/"), isOpen: true }}
        predecessor={experiment.predecessor?.number ?? null}
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
