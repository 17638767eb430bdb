import type { Metadata } from "next";
import { ComparePage } from "@/components/models/compare-page";
import { Notes } from "@/components/models/notes";
import { ReleaseChoice } from "@/components/models/release-choice";
import { VersionPage } from "@/components/models/version-page";
import { listApprovals } from "@/lib/domain/approvals";
import { listEndpoints } from "@/lib/domain/endpoints";
import {
  compareModelVersions,
  getModel,
  getModelVersion,
  getModelVersionLineage,
  getModelVersionVerification,
  listModelScores,
  listModelVersionTransitions,
} from "@/lib/domain/registry";
import { getTraffic } from "@/lib/domain/usage";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../../page-scope";

/** Versions in the chart of scores. */
const CHART_VERSIONS = 50;

type Props = PageProps<"name" | "version">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name, version } = await params;
  return { title: `${decodeURIComponent(name)} v${version}` };
}

export default async function ModelVersionRoute(props: Props) {
  const page = await openPage(props);
  const { actor, environment } = page;
  const { name, version: number } = page.names;
  const params = { name, version: number };
  const project = page.project.slug;
  const readVersion = () => readForPage(getModelVersion, actor, { params });
  if (page.one("release") !== undefined) {
    const [version, { items }] = await Promise.all([
      readVersion(),
      readForPage(listEndpoints, actor, { query: { environment, limit: 200 } }),
    ]);
    return <ReleaseChoice project={project} version={version} endpoints={items} />;
  }
  const versus = { with: page.one("with"), withModel: page.one("withModel") };
  const readComparison = () => readForPage(compareModelVersions, actor, { params, query: versus });
  if (versus.with !== undefined) {
    const [version, comparison, model] = await Promise.all([
      readVersion(),
      readComparison(),
      readForPage(getModel, actor, { params: { name } }),
    ]);
    return <ComparePage project={project} version={version} comparison={comparison} latest={model.latestVersion ?? 0} />;
  }
  const reading = readVersion();
  const readApprovals = async () => readForPage(listApprovals, actor, { query: { target: (await reading).id, limit: 20 } });
  const [version, comparison, recent, lineage, scores, verification, transitions, approvals] = await Promise.all([
    reading,
    readComparison(),
    readForPage(getTraffic, actor, { query: { environment, range: "1h", by: "release" } }),
    readForPage(getModelVersionLineage, actor, { params }),
    readForPage(listModelScores, actor, { params: { name }, query: { limit: CHART_VERSIONS } }),
    readForPage(getModelVersionVerification, actor, { params }),
    readForPage(listModelVersionTransitions, actor, { params }),
    readApprovals(),
  ]);
  return (
    <VersionPage
      scope={toScope(page)}
      version={version}
      recent={recent}
      lineage={lineage}
      comparison={comparison}
      scores={scores.items}
      chosenScore={page.one("score")}
      verification={verification}
      transitions={transitions.items}
      approvals={approvals.items}
      notes={version.notes === "" ? null : <Notes source={version.notes} />}
    />
  );
}
