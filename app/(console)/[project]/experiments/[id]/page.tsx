import type { Metadata } from "next";
import { ExperimentPage } from "@/components/experiments/experiment-page";
import { parseTab } from "@/components/experiments/experiment-tabs";
import { EditExperimentPage } from "@/components/experiments/new-experiment-page";
import { type ArmRequests, armRequestQueries } from "@/components/experiments/requests-shown";
import { getRequestWords } from "@/components/shell/locale";
import type { Actor } from "@/lib/core/policy/authorize";
import { getRelease } from "@/lib/domain/endpoints";
import { getExperiment, getExperimentResults, getExperimentSegments } from "@/lib/domain/experiments";
import type { Experiment } from "@/lib/domain/experiments/api";
import { getTraffic, listRequests } from "@/lib/domain/usage";
import { openPage, type PageProps, readAnswerForPage, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../page-scope";
import { isSimulated } from "../../simulated";
import { listKnownNames, readChosenEndpoint } from "../choices";

type Props = PageProps<"id">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const words = await getRequestWords();
  return { title: words.experiments.numbered({ number: (await params).id }) };
}

export default async function ExperimentRoute(props: Props) {
  const page = await openPage(props);
  const { actor, project } = page;
  const at = { params: { id: page.names.id } };
  const { result: experiment, etag } = await readAnswerForPage(getExperiment, actor, at);
  const { name, environment } = experiment.endpoint;
  const scope = { ...toScope(page), environment };
  if (page.one("edit") !== undefined && experiment.allowed.edit) {
    const [chosen, known] = await Promise.all([readChosenEndpoint(actor, { name, environment }), listKnownNames(actor, environment)]);
    return <EditExperimentPage scope={scope} experiment={experiment} etag={etag ?? ""} chosen={chosen} known={known} />;
  }
  const tab = parseTab(page.one("tab"));
  const numbers = [...new Set(experiment.arms.treatments.map(({ release }) => String(release.number)))];
  const [results, recent, ...treatments] = await Promise.all([
    readForPage(getExperimentResults, actor, at),
    readForPage(getTraffic, actor, { query: { environment, endpoint: name, range: "1h" } }),
    ...numbers.map((number) => readForPage(getRelease, actor, { params: { name, number }, query: { environment } })),
  ]);
  return (
    <ExperimentPage
      key={experiment.id}
      scope={scope}
      initial={{ experiment, results, recent }}
      tab={tab}
      requests={tab === "requests" ? await readRequests(actor, experiment) : {}}
      segments={tab === "segments" ? await readForPage(getExperimentSegments, actor, at) : null}
      isSimulated={treatments.some(isSimulated)}
      isDemo={project.isDemo}
    />
  );
}

/** The newest requests of each arm. */
async function readRequests(actor: Actor, experiment: Experiment): Promise<ArmRequests> {
  const lists = armRequestQueries(experiment).map(
    async ([arm, query]) => [arm, await readForPage(listRequests, actor, { query })] as const,
  );
  return Object.fromEntries(await Promise.all(lists));
}
