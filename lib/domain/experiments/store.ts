import { Prisma } from "@/generated/prisma/client";
import { RULES } from "@/lib/core/experiments";
import { DAY_MS } from "@/lib/core/time";
import { databaseNow, db, inTransaction, type Reader, type Tx } from "@/lib/infra/db";
import type { BeforeWindow, QuantileMetric, ScoreMetric } from "../scores";
import type { Design } from "./rules/analyse";
import { type Judge, toJudge } from "./rules/judge";
import { ExperimentMetric, listMetrics, OtherMetrics } from "./rules/metrics";
import { ExperimentPlan } from "./rules/plan";
import { ARM_NAMES, ArmName } from "./rules/reasons";
import type { HistoryPoint } from "./rules/results";
import { EXPERIMENT_STATES, type ExperimentState } from "./rules/states";
import type { ExperimentSums } from "./rules/sums";

const RELEASE = { select: { id: true, number: true, digest: true } } as const;
const VARIANT = { select: { id: true, name: true } } as const;
export const WITH_NAMES = {
  endpoint: { select: { id: true, name: true, environmentName: true, activeReleaseId: true, activeRelease: { select: { number: true } } } },
  arms: {
    orderBy: { position: "asc" },
    select: { key: true, shareBps: true, releaseId: true, variantId: true, release: RELEASE, variant: VARIANT },
  },
  layer: { select: { name: true, salt: true, holdoutBps: true } },
  layerClaims: { orderBy: { fromBucket: "asc" }, select: { fromBucket: true, toBucket: true } },
  evidence: true,
  predecessor: { select: { id: true, number: true, state: true } },
  successor: { select: { id: true, number: true, state: true } },
} satisfies Prisma.ExperimentInclude;

export type ExperimentRow = Prisma.ExperimentGetPayload<{ include: typeof WITH_NAMES }>;

const json = (value: unknown) => value as Prisma.InputJsonValue;

export function toState(value: string): ExperimentState {
  const state = EXPERIMENT_STATES.find((s) => s === value);
  if (state === undefined) throw new Error(`unknown experiment state ${value} in the database`);
  return state;
}

/** The row's parts that are JSON in the database, as the domain knows them. */
export function toParts(row: ExperimentRow) {
  return {
    state: toState(row.state),
    metric: ExperimentMetric.parse(row.metric),
    others: OtherMetrics.parse(row.others),
    plan: ExperimentPlan.parse(row.plan),
    judge: row.judge === null ? null : toJudge(row.judge),
  };
}

/** Who changed the draft since it was made. */
export function toEditors(row: ExperimentRow): { readonly id: string; readonly name: string }[] {
  // Written by this domain only, through saveExperiment.
  return row.editors as unknown as { id: string; name: string }[];
}

/** The next version of an experiment; null where there is none. */
export function findSuccessor(reader: Reader, id: string) {
  return reader.experiment.findUnique({ where: { predecessorId: id }, select: { number: true, state: true } });
}

export function countVariants(reader: Reader, releaseId: string): Promise<number> {
  return reader.releaseVariant.count({ where: { releaseId } });
}

/** Who made the releases that the arms give to people. */
export async function listReleaseMakers(reader: Reader, row: ExperimentRow): Promise<{ readonly id: string; readonly name: string }[]> {
  const ids = row.arms.map(({ releaseId }) => releaseId);
  const rows = await reader.release.findMany({ where: { id: { in: ids } }, orderBy: { number: "asc" } });
  return rows.map((release) => ({ id: release.createdById, name: release.createdByName }));
}

/** The row's arms by their places in the plan; the database holds that there are a control and a treatment. */
export function toArms({ id, arms }: Pick<ExperimentRow, "id" | "arms">) {
  const [control, ...treatments] = arms.map((arm) => ({ ...arm, key: ArmName.parse(arm.key) }));
  if (control === undefined) throw new Error(`experiment ${id} has no arms in the database`);
  return { control, treatments };
}

/** What was planned, as the analysis needs it. */
export function toDesign(row: ExperimentRow): Design {
  const { metric, others, plan } = toParts(row);
  const { control, treatments } = toArms(row);
  const shares = Object.fromEntries(treatments.map(({ key, shareBps }) => [key, shareBps]));
  return { rules: RULES, metric, others, plan, shares: { control: control.shareBps, ...shares } };
}

/** The plan's metrics of scores: what else is posted for its requests is none of the experiment's. */
export function toScored(row: ExperimentRow): ScoreMetric[] {
  const { metric, others } = toParts(row);
  return listMetrics({ metric, others }).flatMap(({ metric: { source, name, evaluator } }) =>
    source === "score" ? [{ metric: name, evaluator }] : [],
  );
}

/** The quantiles that the plan wants. */
export function toQuantiles(row: ExperimentRow): QuantileMetric[] {
  const { metric, others } = toParts(row);
  return listMetrics({ metric, others }).flatMap(({ metric: { source, name, evaluator, quantile } }) =>
    quantile === undefined ? [] : [{ source, metric: name, evaluator: source === "usage" ? "" : evaluator, quantile }],
  );
}

/** Whose scores are counted by day: those of the primary metric, where it is one of scores. */
export function toDaily(row: ExperimentRow): { readonly score: { readonly metric: string; readonly evaluator: string } | null } {
  const { source, name: metric, evaluator } = toParts(row).metric;
  return { score: source === "score" ? { metric, evaluator } : null };
}

/** The days before the start and what is looked at in them; null where the plan does not ask or it has not started. */
export function toBeforeWindow(row: ExperimentRow): BeforeWindow | null {
  const { metric, others, plan } = toParts(row);
  if (plan.cuped === undefined || row.startedAt === null) return null;
  const metrics = listMetrics({ metric, others }).flatMap(({ metric: { source, name, evaluator, quantile } }) =>
    quantile === undefined ? [{ source, metric: name, evaluator: source === "usage" ? "" : evaluator }] : [],
  );
  const from = new Date(row.startedAt.getTime() - plan.cuped.windowDays * DAY_MS);
  return { experimentId: row.id, projectId: row.projectId, endpointId: row.endpointId, from, until: row.startedAt, metrics };
}

export function findExperiment(reader: Reader, projectId: string, id: string): Promise<ExperimentRow | null> {
  const key = id.startsWith("exp_") ? { id } : { number: Number(id) };
  return reader.experiment.findFirst({ where: { projectId, ...key }, include: WITH_NAMES });
}

/** The row, locked until the transaction ends. */
export async function lockExperiment(tx: Tx, projectId: string, id: string): Promise<ExperimentRow | null> {
  const row = await findExperiment(tx, projectId, id);
  if (row === null) return null;
  await tx.$queryRaw`select id from experiment where id = ${row.id} for update`;
  return findExperiment(tx, projectId, row.id);
}

export function listRunning(reader: Reader = db().prisma): Promise<ExperimentRow[]> {
  return reader.experiment.findMany({ where: { state: "running" }, include: WITH_NAMES, orderBy: { createdAt: "asc" } });
}

/** Experiments that began since then, whether they still run or not. */
export function listStarted(since: Date): Promise<ExperimentRow[]> {
  const where = { startedAt: { gte: since } };
  return db().prisma.experiment.findMany({ where, include: WITH_NAMES, orderBy: { createdAt: "asc" } });
}

/** Experiments with kept evidence, of all projects; `which`: an id or a number. */
export function listWithEvidence(which: string | null): Promise<ExperimentRow[]> {
  const key = which === null ? {} : which.startsWith("exp_") ? { id: which } : { number: Number(which) };
  return db().prisma.experiment.findMany({
    where: { evidence: { isNot: null }, ...key },
    include: WITH_NAMES,
    orderBy: { createdAt: "asc" },
  });
}

export interface ExperimentFilter {
  readonly below: number | null;
  readonly take: number;
  readonly environment?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly state?: string | undefined;
}

export function listRows(reader: Reader, projectId: string, filter: ExperimentFilter): Promise<ExperimentRow[]> {
  return reader.experiment.findMany({
    where: {
      projectId,
      ...(filter.below === null ? {} : { number: { lt: filter.below } }),
      ...(filter.state === undefined ? {} : { state: filter.state }),
      endpoint: {
        ...(filter.environment === undefined ? {} : { environmentName: filter.environment }),
        ...(filter.endpoint === undefined ? {} : { name: filter.endpoint }),
      },
    },
    include: WITH_NAMES,
    orderBy: { number: "desc" },
    take: filter.take,
  });
}

/** An arm to be, its place in the plan being its place in the list, the control first. */
export interface NewArm {
  readonly releaseId: string;
  readonly variantId: string | null;
  readonly shareBps: number;
}

const toArmRows = (arms: readonly NewArm[]) => arms.map((arm, position) => ({ ...arm, position, key: ARM_NAMES[position] ?? "" }));

export type NewExperiment = Omit<Prisma.ExperimentUncheckedCreateInput, "metric" | "others" | "plan" | "judge" | "state" | "arms"> & {
  arms: readonly NewArm[];
  metric: ExperimentMetric;
  others: OtherMetrics;
  plan: ExperimentPlan;
};

export function insertExperiment(tx: Tx, row: NewExperiment): Promise<ExperimentRow> {
  return tx.experiment.create({
    data: {
      ...row,
      arms: { create: toArmRows(row.arms) },
      metric: json(row.metric),
      others: json(row.others),
      plan: json(row.plan),
      state: "draft",
    },
    include: WITH_NAMES,
  });
}

/** Other arms for a draft, whose row is locked. */
export async function replaceArms(tx: Tx, experimentId: string, arms: readonly NewArm[]): Promise<void> {
  await tx.experimentArm.deleteMany({ where: { experimentId } });
  await tx.experimentArm.createMany({ data: toArmRows(arms).map((arm) => ({ experimentId, ...arm })) });
}

export type ExperimentChange = Omit<
  Prisma.ExperimentUncheckedUpdateManyInput,
  "metric" | "others" | "plan" | "judge" | "epoch" | "id" | "editors"
> & {
  readonly editors?: readonly { readonly id: string; readonly name: string }[];
  readonly metric?: ExperimentMetric;
  readonly others?: OtherMetrics;
  readonly plan?: ExperimentPlan;
  readonly judge?: Judge;
  readonly state?: ExperimentState;
};

/**
 * Compare-and-set: writes the change only if the row still has the epoch that it was decided on. False: somebody else was first, nothing
 * was written.
 */
export async function saveExperiment(tx: Tx, row: { id: string; epoch: number }, change: ExperimentChange): Promise<boolean> {
  const { metric, others, plan, judge, editors, ...rest } = change;
  const { count } = await tx.experiment.updateMany({
    where: { id: row.id, epoch: row.epoch },
    data: {
      ...rest,
      ...(metric === undefined ? {} : { metric: json(metric) }),
      ...(others === undefined ? {} : { others: json(others) }),
      ...(plan === undefined ? {} : { plan: json(plan) }),
      ...(judge === undefined ? {} : { judge: json(judge) }),
      ...(editors === undefined ? {} : { editors: json(editors) }),
      epoch: row.epoch + 1,
    },
  });
  return count === 1;
}

export interface NewEvent {
  readonly experimentId: string;
  readonly epoch: number;
  readonly at: Date;
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly actorName: string;
  readonly reason: string;
  readonly details: unknown;
}

export async function insertExperimentEvent(tx: Tx, { from, to, details, ...event }: NewEvent): Promise<void> {
  await tx.experimentEvent.create({ data: { ...event, fromState: from, toState: to, details: json(details) } });
}

export function listEvents(reader: Reader, experimentId: string) {
  return reader.experimentEvent.findMany({ where: { experimentId }, orderBy: { epoch: "desc" }, take: 200 });
}

export async function insertEvidence(tx: Tx, row: { experimentId: string; at: Date; digest: string; content: unknown }): Promise<void> {
  await tx.experimentEvidence.create({ data: { ...row, content: json(row.content) } });
}

export async function insertPoint(tx: Tx, experimentId: string, { at, ...point }: HistoryPoint & { look: ExperimentSums }): Promise<void> {
  const { controlSubjects, treatments, look } = point;
  const treated = { create: treatments };
  await tx.experimentPoint.create({ data: { experimentId, at: new Date(at), controlSubjects, treatments: treated, look: json(look) } });
}

const POINT = {
  select: {
    at: true,
    controlSubjects: true,
    treatments: {
      orderBy: { treatment: "asc" },
      select: { treatment: true, subjects: true, liftRatio: true, liftLow: true, liftHigh: true, pValue: true },
    },
  },
} satisfies Prisma.ExperimentPointDefaultArgs;

/** Points of the plot, oldest first: there are at most as many as rules/judge.ts lets be written. */
export function listPoints(reader: Reader, experimentId: string) {
  return reader.experimentPoint.findMany({ where: { experimentId }, orderBy: { at: "asc" }, ...POINT });
}

/** Each treatment's estimate at the newest point of each of these experiments, in the plan's order; none where there is no point. */
export function listLastLifts(reader: Reader, experimentIds: readonly string[]) {
  return reader.$queryRaw<
    { experimentId: string; treatment: string; ratio: number | null; low: number | null; high: number | null }[]
  >`select t.experiment_id as "experimentId", t.treatment, t.lift_ratio as ratio, t.lift_low as low, t.lift_high as high
    from unnest(${experimentIds}::text[]) as e(id)
    cross join lateral (select at from experiment_point where experiment_id = e.id order by at desc limit 1) p
    join experiment_point_treatment t on t.experiment_id = e.id and t.at = p.at
    order by t.treatment`;
}

/** Looks that kept their sums, newest first. */
export async function listLooks(reader: Reader, experimentId: string, { before, take }: { before: Date | null; take: number }) {
  const rows = await reader.experimentPoint.findMany({
    where: { experimentId, look: { not: Prisma.DbNull }, ...(before === null ? {} : { at: { lt: before } }) },
    orderBy: { at: "desc" },
    take,
    select: { at: true, look: true },
  });
  // Written by insertPoint only.
  return rows.map(({ at, look }) => ({ at, sums: look as unknown as ExperimentSums }));
}

export function findLastPoint(reader: Reader, experimentId: string) {
  return reader.experimentPoint.findFirst({ where: { experimentId }, orderBy: { at: "desc" }, ...POINT });
}

/** The newest look that kept its sums; null where none did. */
export async function findLastLook(reader: Reader, experimentId: string): Promise<{ at: Date; sums: ExperimentSums } | null> {
  const point = await reader.experimentPoint.findFirst({
    where: { experimentId, look: { not: Prisma.DbNull } },
    orderBy: { at: "desc" },
    select: { at: true, look: true },
  });
  // Written by insertPoint only.
  return point === null ? null : { at: point.at, sums: point.look as unknown as ExperimentSums };
}

/** The endpoint's active release, its row locked until the transaction ends: of two starts the second sees the first. */
export async function lockActiveRelease(tx: Tx, endpointId: string): Promise<string | null> {
  await tx.$queryRaw`select id from endpoint where id = ${endpointId} for no key update`;
  return (await tx.endpoint.findUniqueOrThrow({ where: { id: endpointId }, select: { activeReleaseId: true } })).activeReleaseId;
}

/** For reading outside of any transaction. */
export function reader(): Reader {
  return db().prisma;
}

/** PostgreSQL's clock. */
export function readNow(): Promise<Date> {
  return databaseNow(db().prisma);
}

export function readNowIn(tx: Tx): Promise<Date> {
  return databaseNow(tx);
}

export function inMoveTransaction<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(run);
}

const LONG = { maxWait: 30_000, timeout: 3_600_000 } as const;

/** A transaction that may go through all of an experiment's raw rows. */
export function inLongTransaction<T>(
  work: (tx: Tx, run: <R>(sql: string, values: readonly unknown[]) => Promise<R[]>) => Promise<T>,
): Promise<T> {
  return db().prisma.$transaction((tx) => work(tx, (sql, values) => tx.$queryRawUnsafe(sql, ...values)), LONG);
}

/** What the snapshot needs of running experiments: all arms with their shares. */
export async function listExperimentMoves(reader: Reader) {
  const rows = await listRunning(reader);
  return rows.map((row) => {
    const { control, treatments } = toArms(row);
    const toMoved = ({ key, releaseId, variantId, shareBps }: typeof control) => ({ name: key, releaseId, variantId, shareBps });
    const arms = { control: toMoved(control), treatments: treatments.map(toMoved) };
    const ranges = row.layerClaims.map(({ fromBucket, toBucket }): [number, number] => [fromBucket, toBucket]);
    const layer = row.layer === null ? null : { salt: row.layer.salt, ranges };
    return { kind: "experiment" as const, endpointId: row.endpointId, experimentId: row.id, ...arms, layer };
  });
}
