import type { z } from "zod";
import { timeOfId, uuidOfId } from "@/lib/core/ids";
import { DAY_MS, toUtcDay } from "@/lib/core/time";
import { db } from "@/lib/infra/db";
import type { RequestFilter } from "../api";

export type Filter = z.output<typeof RequestFilter> & { readonly environment: string };

/** Conditions on `e`, a row of the log, and the values of their places. */
export interface Conditions {
  readonly texts: string[];
  readonly values: unknown[];
}

/** Adds a condition; `?` stands for the value's place. */
export function addCondition({ texts, values }: Conditions, text: string, value: unknown): void {
  values.push(value);
  texts.push(text.replaceAll("?", `$${values.length}`));
}

interface Named {
  readonly endpoints: string[] | null;
  readonly releases: string[] | null;
  readonly variants: string[] | null;
  readonly keys: string[] | null;
  readonly experiments: string[] | null;
}

const toUuids = (ids: readonly (string | null)[]) => [...new Set(ids.flatMap((id) => (id === null ? [] : (uuidOfId(id) ?? []))))];

async function findServing(
  projectId: string,
  { environment, endpoint, release, variant }: Filter,
): Promise<Omit<Named, "keys" | "experiments">> {
  if (endpoint === undefined && release === undefined && variant === undefined) return { endpoints: null, releases: null, variants: null };
  const { rows } = await db().pool.query<{ endpoint: string; release: string | null; variant: string | null }>(
    `select ep.id as endpoint, r.id as release, v.id as variant
     from endpoint ep left join release r on r.endpoint_id = ep.id left join release_variant v on v.release_id = r.id
     where ep.project_id = $1 and ep.environment_name = $2 and ($3::text is null or ep.name = $3)
       and ($4::int is null or r.number = $4) and ($5::text is null or v.name = $5)`,
    [projectId, environment, endpoint ?? null, release ?? null, variant ?? null],
  );
  return {
    endpoints: toUuids(rows.map((r) => r.endpoint)),
    releases: release === undefined && variant === undefined ? null : toUuids(rows.map((r) => r.release)),
    variants: variant === undefined ? null : toUuids(rows.map((r) => r.variant)),
  };
}

async function findKeys(projectId: string, { environment, key }: Filter): Promise<string[] | null> {
  if (key === undefined) return null;
  const { rows } = await db().pool.query<{ id: string }>(
    "select id from gateway_key where project_id = $1 and environment_name = $2 and (name = $3 or id = $3)",
    [projectId, environment, key],
  );
  return toUuids(rows.map((r) => r.id));
}

async function findExperiments(projectId: string, { experiment }: Filter): Promise<string[] | null> {
  if (experiment === undefined) return null;
  const { rows } = await db().pool.query<{ id: string }>("select id from experiment where project_id = $1 and number = $2", [
    projectId,
    experiment,
  ]);
  return toUuids(rows.map((r) => r.id));
}

/** The ids behind a filter's names, as the log has them; null where it names none. Known to the planner, they choose the index. */
async function findNamed(projectId: string, filter: Filter): Promise<Named> {
  const [serving, keys, experiments] = await Promise.all([
    findServing(projectId, filter),
    findKeys(projectId, filter),
    findExperiments(projectId, filter),
  ]);
  return { ...serving, keys, experiments };
}

function addNamed(to: Conditions, named: Named): void {
  if (named.endpoints !== null) addCondition(to, "e.endpoint_id = any(?::uuid[])", named.endpoints);
  if (named.releases !== null) addCondition(to, "e.release_id = any(?::uuid[])", named.releases);
  if (named.variants !== null) addCondition(to, "(e.variant_id = any(?::uuid[]) or e.served_variant_id = any(?::uuid[]))", named.variants);
  if (named.keys !== null) addCondition(to, "e.key_id = any(?::uuid[])", named.keys);
  if (named.experiments !== null) addCondition(to, "e.experiment_id = any(?::uuid[])", named.experiments);
}

/** The log is kept by days of arrival: what else is known of the arrival leaves most of them out. */
function addArrival(to: Conditions, at: { readonly from?: Date | undefined; readonly to?: Date | undefined }): void {
  if (at.from !== undefined) {
    addCondition(to, "e.at >= ?", at.from);
    addCondition(to, "e.event_day >= ?::date", toUtcDay(at.from.getTime()));
  }
  if (at.to !== undefined) {
    addCondition(to, "e.at < ?", at.to);
    addCondition(to, "e.event_day <= ?::date", toUtcDay(at.to.getTime()));
  }
}

const HEX_32 = /^[0-9a-f]{32}$/;

/** A request's id, the client's own id of it, or a trace's id. */
function addId(to: Conditions, id: string): void {
  const time = timeOfId(id);
  const uuid = time === null ? null : uuidOfId(id);
  if (time !== null && uuid !== null) {
    addCondition(to, "e.request_id = ?", uuid);
    addCondition(to, "e.event_day between ?::date - 1 and ?::date + 1", toUtcDay(time));
    return;
  }
  to.values.push(id, HEX_32.test(id) ? id : null);
  const n = to.values.length;
  to.texts.push(`(e.client_request_id = $${n - 1} or e.trace_id = $${n}::uuid)`);
}

function addStatus(to: Conditions, status: string): void {
  const first = Number(status[0]) * 100;
  if (!status.endsWith("xx")) addCondition(to, "e.status = ?", Number(status));
  else {
    addCondition(to, "e.status >= ?", first);
    addCondition(to, "e.status < ?", first + 100);
  }
  // A complete answer has status 200: the index of what was not complete serves all the others.
  if (first >= 300) to.texts.push("e.outcome <> 'complete'");
}

/**
 * The conditions of a filter on one project's log. Each is written so that an index of the log can serve it: the bounds of the partial ones
 * are repeated where the filter's value lies within them.
 */
export async function toConditions(projectId: string, filter: Filter): Promise<Conditions> {
  const to: Conditions = { texts: ["e.project_id = $1", "e.environment = $2"], values: [uuidOfId(projectId), filter.environment] };
  addNamed(to, await findNamed(projectId, filter));
  if (filter.id !== undefined) addId(to, filter.id);
  if (filter.arm !== undefined) addCondition(to, "e.arm_name = ?", filter.arm);
  if (filter.outcome !== undefined) {
    addCondition(to, "e.outcome = ?", filter.outcome);
    if (filter.outcome !== "complete") to.texts.push("e.outcome <> 'complete'");
  }
  if (filter.status !== undefined) addStatus(to, filter.status);
  if (filter.error !== undefined) {
    addCondition(to, "e.error_code = ?", filter.error);
    to.texts.push("e.outcome <> 'complete'");
  }
  if (filter.source !== undefined) {
    addCondition(to, "e.source = ?", filter.source);
    if (filter.source !== "application") to.texts.push("e.source <> 'application'");
  }
  if (filter.cache !== undefined) addCondition(to, "e.cache = ?", filter.cache);
  if (filter.fallback === "yes") to.texts.push("e.served_variant_id <> e.variant_id");
  if (filter.fallback === "no") to.texts.push("coalesce(e.served_variant_id = e.variant_id, true)");
  if (filter.slowerThanMs !== undefined) addCondition(to, "e.total_ms > ?", filter.slowerThanMs);
  if (filter.dearerThanUsd !== undefined) addCondition(to, "e.cost_usd > ?::numeric", filter.dearerThanUsd);
  addArrival(to, {
    from: filter.from === undefined ? undefined : new Date(filter.from),
    to: filter.to === undefined ? undefined : new Date(filter.to),
  });
  return to;
}

/** What arrived up to a place in the list, newest first. */
export function addPlace(to: Conditions, at: Date, requestUuid: string): void {
  to.values.push(at, requestUuid, toUtcDay(at.getTime() + DAY_MS));
  const n = to.values.length;
  to.texts.push(`(e.at, e.request_id) < ($${n - 2}, $${n - 1}) and e.event_day <= $${n}::date`);
}
