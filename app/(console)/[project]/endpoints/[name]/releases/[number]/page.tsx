import type { Metadata } from "next";
import { ReleasePage } from "@/components/endpoints/release-page";
import { getEndpoint, getRelease } from "@/lib/domain/endpoints";
import { listExperiments } from "@/lib/domain/experiments";
import { listRollouts } from "@/lib/domain/rollouts";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../../../page-scope";

type Props = PageProps<"name" | "number">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name, number } = await params;
  return { title: `${decodeURIComponent(name)} r${number}` };
}

export default async function ReleaseRoute(props: Props) {
  const page = await openPage(props);
  const { actor, environment } = page;
  const { name } = page.names;
  const read = (number: string) => readForPage(getRelease, actor, { params: { name, number }, query: { environment } });
  const [endpoint, release, rollouts, experiments] = await Promise.all([
    readForPage(getEndpoint, actor, { params: { name }, query: { environment } }),
    read(page.names.number),
    readForPage(listRollouts, actor, { query: { environment, endpoint: name, limit: 100 } }),
    readForPage(listExperiments, actor, { query: { environment, endpoint: name, state: "running", limit: 1 } }),
  ]);
  const number = endpoint.activeRelease?.number;
  const previous = release.number - 1;
  return (
    <ReleasePage
      scope={toScope(page)}
      endpoint={endpoint}
      release={release}
      active={number === undefined || number === release.number ? null : await read(String(number))}
      before={previous < 1 || previous === number ? null : await read(String(previous))}
      experiments={experiments.items}
      rollouts={rollouts.items.filter((rollout) => rollout.to.number === release.number)}
    />
  );
}
