import type { Metadata } from "next";
import { EXPERIMENT_FILTERS } from "@/components/experiments/experiment-filters";
import { ExperimentsPage } from "@/components/experiments/experiments-page";
import { NewExperimentPage } from "@/components/experiments/new-experiment-page";
import { getRequestWords } from "@/components/shell/locale";
import { listEndpoints } from "@/lib/domain/endpoints";
import { getExperiment, listExperiments } from "@/lib/domain/experiments";
import { openPage, type PageProps, type PageRequest, readForPage } from "@/lib/http/read-page";
import { toScope } from "../page-scope";
import { listKnownNames, readChosenEndpoint } from "./choices";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).experiments.title };
}

export default async function ExperimentsRoute(props: PageProps) {
  const page = await openPage(props);
  if (page.one("new") !== undefined) return <NewExperiment page={page} />;
  const { actor, environment } = page;
  const state = page.one("state");
  const filter = EXPERIMENT_FILTERS.find((each) => each === state);
  const endpoint = page.one("endpoint");
  const cursor = page.one("cursor");
  const initial = await readForPage(listExperiments, actor, { query: { environment, state: filter, endpoint, cursor } });
  const address = [environment, filter, endpoint, cursor].join(" ");
  return <ExperimentsPage key={address} scope={toScope(page)} filter={filter} endpoint={endpoint} cursor={cursor} initial={initial} />;
}

async function NewExperiment({ page }: { page: PageRequest<never> }) {
  const { actor, environment } = page;
  const { items: endpoints } = await readForPage(listEndpoints, actor, { query: { environment, limit: 200 } });
  const from = page.one("from");
  const source = from === undefined ? null : await readForPage(getExperiment, actor, { params: { id: from } });
  const name = page.one("endpoint") ?? source?.endpoint.name ?? (endpoints.length === 1 ? endpoints[0]?.name : undefined);
  const release = Number(page.one("release"));
  const [chosen, known] = await Promise.all([
    name === undefined ? null : readChosenEndpoint(actor, { name, environment }),
    listKnownNames(actor, environment),
  ]);
  return (
    <NewExperimentPage
      scope={toScope(page)}
      endpoints={endpoints}
      chosen={chosen}
      known={known}
      release={Number.isInteger(release) ? release : null}
      source={source}
    />
  );
}
