import { toCanonicalJson } from "@/lib/core/canonical";
import { AppError, type FieldError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { assertEnvironment } from "../access";
import { endStaleApprovals, lockSubject } from "../approvals";
import { assertVersion, command, toAuditActor } from "../command";
import { findEndpointWithReleases } from "../endpoints";
import { takeNumber } from "../traffic";
import { changeExperiment as changeSpec, createExperiment as createSpec } from "./api";
import { resolveLayer } from "./layers";
import { toExperiment } from "./queries";
import { type ExperimentMetric, findSameNames, type OtherMetrics } from "./rules/metrics";
import type { ArmChoice, Arms, ExperimentPlan } from "./rules/plan";
import { startSubjectOf } from "./rules/start-approval";
import {
  type ExperimentRow,
  findExperiment,
  insertExperiment,
  insertExperimentEvent,
  lockExperiment,
  type NewArm,
  replaceArms,
  saveExperiment,
  toEditors,
  toParts,
  toState,
} from "./store";

type Endpoint = NonNullable<Awaited<ReturnType<typeof findEndpointWithReleases>>>;

/** The ids that an arm's choice names, or what of it does not exist. */
function resolveArm(endpoint: Endpoint, choice: ArmChoice, pointer: string): NewArm | FieldError {
  const release = endpoint.releases.find((r) => r.number === choice.release);
  if (release === undefined)
    return { pointer: `${pointer}/release`, detail: `does not exist: ${endpoint.name} has no release ${choice.release}` };
  const { shareBps } = choice;
  if (choice.variant === null) return { releaseId: release.id, variantId: null, shareBps };
  const variant = release.variants.find((v) => v.name === choice.variant);
  if (variant === undefined) {
    const names = release.variants.map((v) => v.name).join(", ");
    return { pointer: `${pointer}/variant`, detail: `does not exist in release ${choice.release}, which has ${names}` };
  }
  return { releaseId: release.id, variantId: variant.id, shareBps };
}

const treatmentAt = (index: number) => `/arms/treatments/${index}`;

/** All arms, the control first. @throws AppError invalid_reference with a pointer for each release or variant that is not there */
function resolveArms(endpoint: Endpoint, arms: Arms): NewArm[] {
  const found = [
    resolveArm(endpoint, arms.control, "/arms/control"),
    ...arms.treatments.map((treatment, i) => resolveArm(endpoint, treatment, treatmentAt(i))),
  ];
  const errors = found.filter((each) => "pointer" in each);
  if (errors.length > 0)
    throw new AppError("invalid_reference", "An arm names a release or variant that the endpoint does not have.", { errors });
  return found.filter((each) => "releaseId" in each);
}

interface Whole {
  readonly metric: ExperimentMetric;
  readonly others: OtherMetrics;
  readonly plan: ExperimentPlan;
  /** The control first. */
  readonly arms: readonly NewArm[];
}

/** Treatments that are what an arm before them is, with what that one is called. */
function findSameArms(arms: readonly NewArm[]): { index: number; as: string }[] {
  const first = (arm: NewArm) => arms.findIndex((each) => each.releaseId === arm.releaseId && each.variantId === arm.variantId);
  return arms.flatMap((arm, i) =>
    first(arm) === i ? [] : [{ index: i - 1, as: first(arm) === 0 ? "control" : `treatment ${first(arm)}` }],
  );
}

/** What no part of a plan can say by itself. @throws AppError invalid_request with a pointer for each fault */
function assertWhole({ metric, others, plan, arms }: Whole): void {
  const same = findSameArms(arms);
  const errors = [
    ...findSameNames({ metric, others }).map((pointer) => ({ pointer, detail: "is already a metric of this experiment" })),
    ...(plan.isAa
      ? []
      : same.map(({ index, as }) => ({
          pointer: treatmentAt(index),
          detail: `is the same as the ${as}: choose another release or another variant, or set plan.isAa for an A/A test`,
        }))),
    ...(plan.isAa && same.filter(({ as }) => as === "control").length < arms.length - 1
      ? [{ pointer: "/plan/isAa", detail: "wants all arms the same: choose the control's release and variant for every treatment" }]
      : []),
  ];
  if (errors.length > 0) throw new AppError("invalid_request", "The parts of this plan do not go together.", { errors });
}

const releasesOf = ({ control, treatments }: Arms) => [control, ...treatments].map(({ release }) => release);

export const createExperiment = command(createSpec, async ({ tx, projectId, body, now, actor }) => {
  await assertEnvironment(tx, projectId, body.environment);
  const { environment, endpoint: name } = body;
  const endpoint = await findEndpointWithReleases(tx, { projectId, environment, name, releases: releasesOf(body.arms) });
  if (endpoint === null)
    throw new AppError("invalid_reference", `There is no endpoint ${name} in ${environment}.`, {
      errors: [{ pointer: "/endpoint", detail: "does not exist in this environment" }],
    });
  const arms = resolveArms(endpoint, body.arms);
  const others = { guardrails: body.guardrails, signals: body.signals };
  assertWhole({ metric: body.metric, others, plan: body.plan, arms });
  const layer = await resolveLayer(tx, { projectId, environment }, body.layer);
  const by = toAuditActor(actor);
  const row = await insertExperiment(tx, {
    id: newId("experiment"),
    projectId,
    number: await takeNumber(tx, projectId),
    endpointId: endpoint.id,
    name: body.name,
    hypothesis: body.hypothesis,
    metric: body.metric,
    others,
    plan: body.plan,
    arms,
    ...layer,
    createdById: by.id,
    createdByName: by.name,
    createdAt: now,
  });
  const event = { experimentId: row.id, epoch: row.epoch, at: now, kind: "created", from: "none", to: "draft", actorName: by.name };
  await insertExperimentEvent(tx, { ...event, reason: body.hypothesis, details: {} });
  return {
    result: await toExperiment(tx, row),
    etag: String(row.epoch),
    audit: {
      action: "experiment.created",
      objectKind: "experiment",
      objectId: row.id,
      objectName: `${endpoint.name} #${row.number}`,
      details: { name: body.name, metric: body.metric, ...others, arms: body.arms, layer: body.layer, plan: body.plan },
    },
  };
});

/** Whether a draft that was changed to this would be what it is. */
function isSamePlan(row: ExperimentRow, given: object): boolean {
  const { name, hypothesis, layerId, layerBps, arms } = row;
  const { metric, others, plan } = toParts(row);
  const was = { name, hypothesis, metric, others, plan, layerId, layerBps, arms };
  const plain = (parts: Omit<typeof was, "arms"> & { arms: readonly NewArm[] }) =>
    toCanonicalJson({ ...parts, arms: parts.arms.map(({ releaseId, variantId, shareBps }) => ({ releaseId, variantId, shareBps })) });
  return plain({ ...was, ...given }) === plain(was);
}

export const changeExperiment = command(changeSpec, async ({ tx, projectId, params, body, now, actor, ifMatch }) => {
  const seen = await findExperiment(tx, projectId, params.id);
  if (seen !== null) await lockSubject(tx, startSubjectOf(seen.id));
  const row = await lockExperiment(tx, projectId, params.id);
  if (row === null) throw new AppError("not_found", "The project has no such experiment.");
  assertVersion(ifMatch, String(row.epoch));
  if (toState(row.state) !== "draft")
    throw new AppError("state_conflict", `The experiment is ${row.state}: its plan is frozen. Plan a new one to try something else.`);
  const { arms, guardrails, signals, layer: place, ...fields } = body;
  const was = toParts(row);
  const others = { guardrails: guardrails ?? was.others.guardrails, signals: signals ?? was.others.signals };
  const { environmentName: environment, name } = row.endpoint;
  const endpoint =
    arms === undefined ? null : await findEndpointWithReleases(tx, { projectId, environment, name, releases: releasesOf(arms) });
  const chosen = arms === undefined || endpoint === null ? null : resolveArms(endpoint, arms);
  // Absent fields are left as they are.
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  assertWhole({ metric: fields.metric ?? was.metric, others, plan: fields.plan ?? was.plan, arms: chosen ?? row.arms });
  const layer = place === undefined ? {} : await resolveLayer(tx, { projectId, environment }, place);
  // What says nothing new leaves the revision, and the request that waits for it.
  if (isSamePlan(row, { ...given, others, arms: chosen ?? row.arms, ...layer }))
    return { result: await toExperiment(tx, row), etag: String(row.epoch), unchanged: true };
  if (chosen !== null) await replaceArms(tx, row.id, chosen);
  const by = toAuditActor(actor);
  const editors = toEditors(row).some((each) => each.id === by.id) ? {} : { editors: [...toEditors(row), { id: by.id, name: by.name }] };
  if (!(await saveExperiment(tx, row, { ...given, others, ...layer, ...editors })))
    throw new AppError("state_conflict", "The experiment changed at the same moment. Read it again.");
  const event = { experimentId: row.id, epoch: row.epoch + 1, at: now, kind: "changed", from: "draft", to: "draft", actorName: by.name };
  await insertExperimentEvent(tx, { ...event, reason: "", details: body });
  const voided = await endStaleApprovals(tx, { projectId, subjectId: startSubjectOf(row.id) });
  const changed = await lockExperiment(tx, projectId, row.id);
  if (changed === null) throw new Error(`experiment ${row.id} is gone`);
  return {
    result: await toExperiment(tx, changed),
    etag: String(changed.epoch),
    audit: {
      action: "experiment.changed",
      objectKind: "experiment",
      objectId: row.id,
      objectName: `${row.endpoint.name} #${row.number}`,
      details: { ...body, voided },
    },
  };
});
