import type { Run } from "./store";

/** Quantiles in the form that evidence of before they lay between middles keeps: read only to compute it anew. */

/** What a quantile is read from: SQL, its values and the place of the quantile among them. */
export interface QuantilePlace {
  readonly from: string;
  readonly values: readonly unknown[];
  readonly quantile: string;
}

/** Of the standard normal: the ends of an interval of 95 %. */
export const Z = "1.959963984540054";

/** Sums over groups of subjects of what is below the quantile's own bucket (b), inside it (i) and all of it (y), with their products. */
export interface FirstTimeQuantile extends Record<keyof typeof PRODUCTS, number> {
  readonly counts: readonly (readonly [bucket: number, requests: number])[];
  readonly groups: number;
}

/** The mean score at the quantile, and those at the ends of its 95 % interval of order statistics; null beyond the values. */
export interface FirstScoreQuantile {
  readonly subjects: number;
  readonly value: string;
  readonly low: string | null;
  readonly high: string | null;
}

const PRODUCTS = { b: "b", i: "i", y: "y", bb: "b * b", bi: "b * i", by: "b * y", ii: "i * i", iy: "i * y", yy: "y * y" } as const;

export async function readFirstTimes(run: Run, { from, values, quantile }: QuantilePlace) {
  const sums = Object.entries(PRODUCTS).map(([sum, product]) => `sum(${product})::float8 as ${sum}`);
  const rows = await run<FirstTimeQuantile & { readonly arm_name: string }>(
    `with h as materialized (${from}), t as (select arm_name, bucket, sum(requests)::bigint as n from h group by 1, 2),
     c as (select *, sum(n) over (partition by arm_name order by bucket) as upto, sum(n) over (partition by arm_name) as total from t),
     q as (select arm_name, min(bucket) filter (where upto > floor(${quantile}::numeric * (total - 1))) as bucket from c group by 1),
     g as (select arm_name, subject_group, sum(requests) as y, coalesce(sum(requests) filter (where h.bucket < q.bucket), 0) as b,
       coalesce(sum(requests) filter (where h.bucket = q.bucket), 0) as i from h join q using (arm_name) group by 1, 2)
     select arm_name, (select json_agg(json_build_array(t.bucket, t.n) order by t.bucket) from t where t.arm_name = g.arm_name) as counts,
       count(*)::int as groups, ${sums.join(", ")}
     from g group by 1 order by 1`,
    values,
  );
  return rows.map(({ arm_name: arm, ...times }) => ({ arm, times }));
}

export async function readFirstMeans(run: Run, { from, values, quantile }: QuantilePlace) {
  const ends = ["value", "low", "high"].map((end) => `trim_scale(percentile_disc(${end}_at) within group (order by m))::text as ${end}`);
  const rows = await run<{ arm_name: string; n: number; value: string; low: string | null; high: string | null }>(
    `with u as materialized (${from}),
     n as (select arm_name, count(*)::int as n, ${quantile}::float8 as q, ${Z} * sqrt(${quantile}::float8 * (1 - ${quantile}::float8) / count(*)) as half
       from u group by 1),
     at as (select arm_name, n, q as value_at, case when q - half > 0 and q + half < 1 then q - half end as low_at,
       case when q - half > 0 and q + half < 1 then q + half end as high_at from n)
     select arm_name, n, ${ends.join(", ")}
     from u join at using (arm_name) group by arm_name, n, value_at, low_at, high_at order by arm_name`,
    values,
  );
  return rows.map(({ arm_name: arm, n, value, low, high }) => {
    const means: FirstScoreQuantile = { subjects: n, value, low, high };
    return { arm, means };
  });
}
