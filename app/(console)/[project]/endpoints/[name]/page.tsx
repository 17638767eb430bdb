import type { Metadata } from "next";
import { EndpointPage } from "@/components/endpoints/endpoint-page";
import { parseRange } from "@/components/overview/traffic";
import { getContentCapture } from "@/lib/domain/contents";
import { getEndpoint, getRelease, listReleases } from "@/lib/domain/endpoints";
import type { Release } from "@/lib/domain/endpoints/api";
import { listExperiments } from "@/lib/domain/experiments";
import { getPromptVersion } from "@/lib/domain/prompts";
import { listRollouts } from "@/lib/domain/rollouts";
import { getTraffic } from "@/lib/domain/usage";
import { openPage, type PageProps, type PageRequest, readForPage } from "@/lib/http/read-page";
import { env } from "@/lib/infra/env";
import { toScope } from "../../page-scope";
import { NewRelease } from "./new-release";

type Props = PageProps<"name">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) };
}

export default async function EndpointRoute(props: Props) {
  const page = await openPage(props);
  const { actor, environment } = page;
  const { name } = page.names;
  const at = { params: { name }, query: { environment } };
  const endpoint = await readForPage(getEndpoint, actor, at);
  if (page.one("new") !== undefined) return <NewRelease page={page} endpoint={endpoint} />;
  const range = parseRange(page.one("range"), "1h");
  const byRelease = { environment, endpoint: name, by: "release" };
  const number = endpoint.activeRelease?.number;
  const [releases, rollouts, experiments, traffic, recent, content, active] = await Promise.all([
    readForPage(listReleases, actor, { ...at, query: { environment, limit: 50 } }),
    readForPage(listRollouts, actor, { query: { environment, endpoint: name, limit: 50 } }),
    readForPage(listExperiments, actor, { query: { environment, endpoint: name, state: "running", limit: 1 } }),
    readForPage(getTraffic, actor, { query: { ...byRelease, range } }),
    readForPage(getTraffic, actor, { query: { ...byRelease, range: "1h" } }),
    readForPage(getContentCapture, actor, at),
    number === undefined ? null : readForPage(getRelease, actor, { params: { name, number: String(number) }, query: { environment } }),
  ]);
  return (
    <EndpointPage
      key={[environment, name, range].join(" ")}
      scope={toScope(page)}
      range={range}
      initial={{ endpoint, releases, rollouts, experiments, traffic, recent, content }}
      active={active}
      variables={active === null ? [] : await readVariables(page, active)}
      gatewayUrl={env("web").GATEWAY_URL}
    />
  );
}

/** What a caller has to fill in: the variables of the first variant's prompt. */
async function readVariables({ actor }: PageRequest<"name">, release: Release) {
  const prompt = release.variants[0]?.prompt;
  if (prompt == null) return [];
  const version = await readForPage(getPromptVersion, actor, { params: { name: prompt.name, version: String(prompt.version) } });
  return version.variables;
}
