import pg from "pg";
import { uuidOfId } from "@/lib/core/ids";
import type { Actor } from "@/lib/core/policy/authorize";
import { percentiles } from "@/lib/core/stats";
import { getRequest, getTraffic, listRequests } from "@/lib/domain/usage";
import { db } from "@/lib/infra/db";
import { ENDPOINTS, endpointId } from "./events";

const call = { requestId: "bench", params: {}, body: {} } as const;
const RANGES = ["1h", "24h", "7d", "30d"] as const;
const environment = "production";

/** What pages ask, each with its name; each throws where it finds nothing, since an empty page proves nothing. */
export function pageQueries(actor: Actor): ReadonlyMap<string, () => Promise<void>> {
  const traffic = (query: { range: (typeof RANGES)[number]; by: "endpoint" | "release"; endpoint?: string }) => async () => {
    const { result } = await getTraffic.run({ ...call, actor, query: { environment, ...query } });
    if (result.total.requests === 0 || result.total.totalMsP95 === null) throw new Error(`the page of ${query.range} is empty`);
  };
  const log = (query: Omit<Parameters<typeof listRequests.run>[0]["query"], "environment" | "limit">) => async () => {
    const { result } = await listRequests.run({ ...call, actor, query: { environment, limit: 50, ...query } });
    if (result.items.length !== 50) throw new Error(`the page of requests has ${result.items.length} of 50 rows: ${JSON.stringify(query)}`);
  };
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  return new Map<string, () => Promise<void>>([
    ...RANGES.map((range) => [`traffic_${range}`, traffic({ range, by: "endpoint" })] as const),
    ["traffic_30d_releases", traffic({ range: "30d", by: "release", endpoint: "endpoint-1" })],
    ["log_newest", log({})],
    ["log_old", log({ to: daysAgo(20) })],
    ["log_endpoint", log({ endpoint: "endpoint-2" })],
    ["log_failed", log({ outcome: "failed" })],
    ["log_slow", log({ slowerThanMs: 1_800 })],
    ["log_slow_in_a_day", log({ slowerThanMs: 1_500, from: daysAgo(11), to: daysAgo(10) })],
    [
      "request",
      async () => {
        const { result } = await listRequests.run({ ...call, actor, query: { environment, limit: 1, to: daysAgo(15) } });
        await getRequest.run({ ...call, actor, params: { id: result.items[0]?.id ?? "" }, query: {} });
      },
    ],
  ]);
}

/** Milliseconds of each query, in turns, so that what else the machine does hits all of them. */
export async function measureQueries(queries: ReadonlyMap<string, () => Promise<void>>, rounds: number): Promise<Map<string, number[]>> {
  const times = new Map([...queries.keys()].map((name): [string, number[]] => [name, []]));
  for (const run of queries.values()) await run();
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of queries) {
      const start = performance.now();
      await run();
      times.get(name)?.push(performance.now() - start);
    }
  return times;
}

export const quantileOf = (values: readonly number[], quantile: number): number => percentiles(values, [quantile])[0] ?? Number.NaN;

/** Milliseconds of p50, p95 and p99 of the same month by percentile_cont over the log. */
export async function measureRaw(ownerUrl: string): Promise<number> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    const start = performance.now();
    await owner.query(
      "select percentile_cont(array[0.5, 0.95, 0.99]) within group (order by total_ms) from usage.event where outcome = 'complete' and at >= now() - interval '30 days'",
    );
    return performance.now() - start;
  } finally {
    await owner.end();
  }
}

/** Largest relative error of p50, p95 and p99 as pages show them, against the log itself. */
export async function measurePercentiles(actor: Actor): Promise<number> {
  let worst = 0;
  for (let n = 0; n < ENDPOINTS; n++) {
    const { result } = await getTraffic.run({
      ...call,
      actor,
      query: { environment, endpoint: `endpoint-${n}`, range: "30d", by: "endpoint" },
    });
    const { rows } = await db().pool.query<{ exact: number[] }>(
      `select percentile_disc(array[0.5, 0.95, 0.99]) within group (order by total_ms) as exact from usage.event
       where endpoint_id = $1 and outcome = 'complete' and at >= $2 and at < $3`,
      [uuidOfId(endpointId(n)), result.from, result.to],
    );
    [result.total.totalMsP50, result.total.totalMsP95, result.total.totalMsP99].forEach((shown, i) => {
      const truth = rows[0]?.exact[i] ?? null;
      if (shown === null || truth === null) throw new Error("a percentile is missing");
      worst = Math.max(worst, Math.abs(shown / truth - 1));
    });
  }
  return worst;
}
