import type { Metadata } from "next";
import type { Range } from "@/components/overview/traffic";
import { RANGES_MS } from "@/components/overview/windows";
import { RolloutPage } from "@/components/rollouts/rollout-page";
import { getRequestWords } from "@/components/shell/locale";
import { getRelease } from "@/lib/domain/endpoints";
import { listGateways } from "@/lib/domain/gateways";
import { getRollout } from "@/lib/domain/rollouts";
import { getTraffic } from "@/lib/domain/usage";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../page-scope";
import { isSimulated } from "../../simulated";

type Props = PageProps<"id">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const words = await getRequestWords();
  return { title: words.rollouts.numbered({ number: (await params).id }) };
}

export default async function RolloutRoute(props: Props) {
  const page = await openPage(props);
  const { actor, project } = page;
  const rollout = await readForPage(getRollout, actor, { params: { id: page.names.id } });
  const { name, environment } = rollout.endpoint;
  const range = windowSince(Date.parse(rollout.createdAt), Date.now());
  const release = (number: number) => readForPage(getRelease, actor, { params: { name, number: String(number) }, query: { environment } });
  const [from, to, traffic, recent, gateways] = await Promise.all([
    release(rollout.from.number),
    release(rollout.to.number),
    readForPage(getTraffic, actor, { query: { environment, endpoint: name, range: range ?? "30d", by: "release" } }),
    readForPage(getTraffic, actor, { query: { environment, endpoint: name, range: "1h" } }),
    readForPage(listGateways, actor),
  ]);
  return (
    <RolloutPage
      key={rollout.id}
      scope={{ ...toScope(page), environment }}
      initial={{ rollout, traffic, recent, gateways }}
      releases={{ from, to }}
      range={range}
      isSimulated={isSimulated(to)}
      isDemo={project.isDemo}
    />
  );
}

/** The shortest window that reaches back to the start. */
function windowSince(fromMs: number, nowMs: number): Range | null {
  return RANGES_MS.find(({ ms }) => nowMs - fromMs < ms)?.range ?? null;
}
