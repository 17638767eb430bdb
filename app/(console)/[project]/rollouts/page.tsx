import type { Metadata } from "next";
import { NewRolloutPage } from "@/components/rollouts/new-rollout-page";
import { ROLLOUT_FILTERS } from "@/components/rollouts/rollout-filters";
import { RolloutsPage } from "@/components/rollouts/rollouts-page";
import { getRequestWords } from "@/components/shell/locale";
import { getEndpoint, listEndpoints, listReleases } from "@/lib/domain/endpoints";
import { getExperiment, listExperiments } from "@/lib/domain/experiments";
import { listRollouts } from "@/lib/domain/rollouts";
import { openPage, type PageProps, type PageRequest, readForPage } from "@/lib/http/read-page";
import { toScope } from "../page-scope";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).rollouts.title };
}

export default async function RolloutsRoute(props: PageProps) {
  const page = await openPage(props);
  if (page.one("new") !== undefined) return <NewRollout page={page} />;
  const { actor, environment } = page;
  const state = page.one("state");
  const filter = ROLLOUT_FILTERS.find((each) => each === state);
  const endpoint = page.one("endpoint");
  const cursor = page.one("cursor");
  const initial = await readForPage(listRollouts, actor, { query: { environment, state: filter, endpoint, cursor } });
  const address = [environment, filter, endpoint, cursor].join(" ");
  return <RolloutsPage key={address} scope={toScope(page)} filter={filter} endpoint={endpoint} cursor={cursor} initial={initial} />;
}

async function NewRollout({ page }: { page: PageRequest<never> }) {
  const { actor, environment } = page;
  const { items: endpoints } = await readForPage(listEndpoints, actor, { query: { environment, limit: 200 } });
  const wanted = page.one("endpoint");
  const name = wanted ?? (endpoints.length === 1 ? endpoints[0]?.name : undefined);
  const release = Number(page.one("release"));
  const chosen = name === undefined ? null : await readChosen(page, name);
  const from = page.one("experiment");
  const source = from === undefined ? null : await readForPage(getExperiment, actor, { params: { id: from } });
  return (
    <NewRolloutPage
      scope={toScope(page)}
      endpoints={endpoints}
      chosen={chosen}
      release={Number.isInteger(release) ? release : null}
      source={source?.verdict === "deploy_treatment" ? source : null}
    />
  );
}

async function readChosen({ actor, environment }: PageRequest<never>, name: string) {
  const at = { params: { name }, query: { environment } };
  const [endpoint, releases, active, experiments] = await Promise.all([
    readForPage(getEndpoint, actor, at),
    readForPage(listReleases, actor, { ...at, query: { environment, limit: 100 } }),
    readForPage(listRollouts, actor, { query: { environment, endpoint: name, state: "active", limit: 1 } }),
    readForPage(listExperiments, actor, { query: { environment, endpoint: name, state: "running", limit: 1 } }),
  ]);
  return { endpoint, releases: releases.items, busy: active.items[0] ?? null, experiment: experiments.items[0] ?? null };
}
