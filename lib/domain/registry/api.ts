import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { Instant, Name, PageQuery, pageOf, Reason, RowNumber, RowNumberText } from "@/lib/contracts/page";
import { ARTIFACT_PROBLEMS } from "@/lib/core/artifacts";
import { FIELDS } from "./rules/compare-versions";
import { Artifact, Derivation, Description, ENGINES, NewVersion, PRECISIONS, registeredFields, Tags } from "./rules/version-shape";
import { BLOCKERS, CHECK_STATES, VERSION_STATES } from "./rules/version-state";

export { ARTIFACT_ROLES, DERIVATIONS, ENGINES, PRECISIONS } from "./rules/version-shape";
export {
  type Blocker,
  type CheckState,
  nextStates,
  VERSION_STATES,
  type VerificationState,
  type VersionState,
} from "./rules/version-state";

const State = z.enum(VERSION_STATES);
/** Of all artifacts together; `not_verified`: nobody asked yet. */
const Verified = z.enum([...CHECK_STATES, "not_verified"]);

/** Where a version serves: an active release, or the new release of a running rollout. */
const Use = z.strictObject({
  endpoint: z.string(),
  environment: z.string(),
  release: z.int(),
  isActive: z.boolean(),
  /** Share of the endpoint's traffic that reaches this version through this release, basis points. */
  shareBps: z.int(),
});

export const ModelVersion = z.strictObject({
  id: z.string(),
  model: z.string(),
  number: z.int(),
  /** SHA-256 over the canonical JSON of all that was registered: docs/registry.md. */
  digest: z.string(),
  state: State,
  /** Grows with each change of the state. */
  stateRevision: z.int(),
  stateSince: Instant,
  ...registeredFields,
  derivedFrom: z.strictObject({ model: z.string(), version: z.int(), digest: z.string(), ...Derivation.shape }).nullable(),
  verification: z.strictObject({ state: Verified, endedAt: Instant.nullable() }),
  /** What stands between this version and `approved`, whoever would approve it; empty when nothing does. */
  blockers: z.array(z.strictObject({ code: z.enum(BLOCKERS), artifacts: z.array(z.string()) })),
  createdBy: z.string(),
  createdAt: Instant,
  /** Releases that name this version, newest first, at most 50. */
  usedBy: z.array(Use),
});
export type ModelVersion = z.infer<typeof ModelVersion>;

/** A version in a list: without its long texts. */
export const ModelVersionLine = ModelVersion.omit({ notes: true, signature: true, architecture: true });
export type ModelVersionLine = z.infer<typeof ModelVersionLine>;

export const Model = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  versionCount: z.int(),
  latestVersion: z.int().nullable(),
  latestState: State.nullable(),
  /** The active releases with a version of this model, at most 50. */
  serves: z.array(z.strictObject({ endpoint: z.string(), environment: z.string(), release: z.int(), version: z.int() })),
  createdAt: Instant,
});
export type Model = z.infer<typeof Model>;

const Score = z.strictObject({
  /** What it was measured on, with its version: support-cases v14. */
  set: z.string().trim().min(1).max(200),
  metric: z.string().trim().min(1).max(100),
  value: z.number().min(-1e15).max(1e15),
  unit: z.string().trim().min(1).max(20).nullable().default(null),
  better: z.enum(["higher", "lower"]),
  cases: RowNumber.nullable().default(null),
  measuredAt: Instant,
  sourceUrl: z
    .url({ protocol: /^https?$/, error: "must be an http or https address" })
    .max(2_000)
    .nullable()
    .default(null),
});
export const ModelVersionScore = z.strictObject({ id: z.string(), ...Score.shape, createdBy: z.string(), createdAt: Instant });
export type ModelVersionScore = z.infer<typeof ModelVersionScore>;

export const VersionTransition = z.strictObject({
  revision: z.int(),
  /** Null: it was registered. */
  from: State.nullable(),
  to: State,
  at: Instant,
  by: z.string(),
  reason: z.string(),
  /** Number of the approval that it executed; null where none was needed. */
  approval: z.int().nullable(),
});
export type VersionTransition = z.infer<typeof VersionTransition>;

const Check = z.strictObject({
  ...Artifact.omit({ role: true }).shape,
  state: Verified,
  bytesDone: z.int(),
  actualSha256: z.string().nullable(),
  problem: z.enum(ARTIFACT_PROBLEMS).nullable(),
  detail: z.string(),
  endedAt: Instant.nullable(),
});
export const Verification = z.strictObject({
  /** Null: nobody asked for one yet; every artifact is `not_verified` then. */
  id: z.string().nullable(),
  state: Verified,
  bytesDone: z.int(),
  bytesTotal: z.int(),
  artifacts: z.array(Check),
  startedBy: z.string().nullable(),
  createdAt: Instant.nullable(),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** When it fails by itself if it is not over. */
  deadlineAt: Instant.nullable(),
});
export type Verification = z.infer<typeof Verification>;

const Ancestor = z.strictObject({
  model: z.string(),
  version: z.int(),
  digest: z.string(),
  state: State,
  precision: z.string(),
  method: z.string().nullable(),
  gpuArchitecture: z.string().nullable(),
});
export const VersionLineage = z.strictObject({
  /** The parent, its parent and so on, at most 20. `method` says how each was made of the one after it. */
  ancestors: z.array(Ancestor),
  /** Versions made of this one, newest first, at most 50; `method` says how. */
  derived: z.array(Ancestor),
});
export type VersionLineage = z.infer<typeof VersionLineage>;

const Side = z.strictObject({ model: z.string(), version: z.int(), digest: z.string(), state: State });
const ComparedScore = z.strictObject(Score.omit({ sourceUrl: true }).shape);
export const VersionComparison = z.strictObject({
  base: Side,
  other: Side,
  fields: z.array(z.strictObject({ field: z.enum(FIELDS), base: z.unknown(), other: z.unknown(), isChanged: z.boolean() })),
  artifacts: z.array(
    z.strictObject({
      name: z.string(),
      change: z.enum(["same", "changed", "added", "removed"]),
      base: Artifact.nullable(),
      other: Artifact.nullable(),
    }),
  ),
  sizeBytes: z.strictObject({ base: z.int().nullable(), other: z.int().nullable() }),
  scores: z.array(
    z.strictObject({
      set: z.string(),
      metric: z.string(),
      base: ComparedScore.nullable(),
      other: ComparedScore.nullable(),
      difference: z.number().nullable(),
      /** Of `other` against `base`; null where one of them has no such score. */
      direction: z.enum(["better", "worse", "equal"]).nullable(),
    }),
  ),
});
export type VersionComparison = z.infer<typeof VersionComparison>;

const ModelParams = z.strictObject({ name: Name });
const VersionParams = z.strictObject({ name: Name, version: RowNumberText });

export const listModels = endpoint({
  id: "listModels",
  method: "GET",
  path: "/models",
  tag: "Models",
  summary: "Models by name, with the newest version and where they serve",
  access: "registry:read",
  query: z.strictObject({
    ...PageQuery.shape,
    q: z.string().max(100).optional(),
    tag: z.string().max(60).optional(),
    /** Models that have a version in this state, with this engine and precision, named by this alias: all on the same version. */
    state: State.optional(),
    engine: z.enum(ENGINES).optional(),
    precision: z.enum(PRECISIONS).optional(),
    alias: z.string().max(60).optional(),
  }),
  returns: pageOf(Model),
});
export const createModel = endpoint({
  id: "createModel",
  method: "POST",
  path: "/models",
  tag: "Models",
  summary: "Create a model",
  access: "registry:write",
  body: z.strictObject({ name: Name, description: Description, tags: Tags }),
  returns: Model,
  status: 201,
  errors: ["already_exists"],
});
export const getModel = endpoint({
  id: "getModel",
  method: "GET",
  path: "/models/{name}",
  tag: "Models",
  summary: "One model",
  access: "registry:read",
  params: ModelParams,
  returns: Model,
  errors: ["not_found"],
});
export const listModelVersions = endpoint({
  id: "listModelVersions",
  method: "GET",
  path: "/models/{name}/versions",
  tag: "Models",
  summary: "Versions of a model, newest first",
  access: "registry:read",
  params: ModelParams,
  query: z.strictObject({ ...PageQuery.shape, state: State.optional() }),
  returns: pageOf(ModelVersionLine),
  errors: ["not_found"],
});
export const createModelVersion = endpoint({
  id: "createModelVersion",
  method: "POST",
  path: "/models/{name}/versions",
  tag: "Models",
  summary: "Register an immutable version",
  description:
    "It gets the model's next number and begins as a draft. A correction is a new version. With `number` it is refused with 409 where the next number is another one.",
  access: "registry:write",
  params: ModelParams,
  body: NewVersion.safeExtend({ number: RowNumber.optional() }),
  returns: ModelVersion,
  status: 201,
  errors: ["not_found", "invalid_reference", "address_not_allowed", "state_conflict"],
});
export const getModelVersion = endpoint({
  id: "getModelVersion",
  method: "GET",
  path: "/models/{name}/versions/{version}",
  tag: "Models",
  summary: "One version of a model, and where it serves",
  access: "registry:read",
  params: VersionParams,
  returns: ModelVersion,
  errors: ["not_found"],
});
export const getModelVersionLineage = endpoint({
  id: "getModelVersionLineage",
  method: "GET",
  path: "/models/{name}/versions/{version}/lineage",
  tag: "Models",
  summary: "What a version was made of, and what was made of it",
  access: "registry:read",
  params: VersionParams,
  returns: VersionLineage,
  errors: ["not_found"],
});
export const compareModelVersions = endpoint({
  id: "compareModelVersions",
  method: "GET",
  path: "/models/{name}/versions/{version}/comparison",
  tag: "Models",
  summary: "What differs between two versions: fields, artifacts, size and scores",
  description:
    "`base` is the version in `with`, of the same model or of the one in `withModel`; if neither is given its parent, else the version before it.",
  access: "registry:read",
  params: VersionParams,
  query: z.strictObject({ with: RowNumberText.optional(), withModel: Name.optional() }),
  returns: VersionComparison,
  errors: ["not_found", "invalid_reference"],
});
export const changeModelVersionState = endpoint({
  id: "changeModelVersionState",
  method: "POST",
  path: "/models/{name}/versions/{version}/transitions",
  tag: "Models",
  summary: "Move a version to candidate, approved or retired",
  description:
    "Only forward: draft → candidate → approved → retired, and to retired from anywhere. To `approved` only with an approval of exactly this version (`model-version-approval`), which needs a version without blockers; without one the answer is 409 `approval_required` with how to ask. What serves is not retired.",
  access: "registry:write",
  params: VersionParams,
  body: z.strictObject({ to: State, reason: Reason }),
  returns: ModelVersion,
  errors: ["not_found", "state_conflict", "approval_required"],
});
export const listModelVersionTransitions = endpoint({
  id: "listModelVersionTransitions",
  method: "GET",
  path: "/models/{name}/versions/{version}/transitions",
  tag: "Models",
  summary: "The history of a version's state, newest first",
  access: "registry:read",
  params: VersionParams,
  query: PageQuery,
  returns: pageOf(VersionTransition),
  errors: ["not_found"],
});
export const addModelVersionScores = endpoint({
  id: "addModelVersionScores",
  method: "POST",
  path: "/models/{name}/versions/{version}/scores",
  tag: "Models",
  summary: "Add evaluation scores to a version",
  description: "Evidence beside the immutable version: scores are only added. The newest of a set and metric is the one that counts.",
  access: "registry:write",
  params: VersionParams,
  body: z.strictObject({ scores: z.array(Score).min(1).max(100) }),
  returns: z.strictObject({ items: z.array(ModelVersionScore) }),
  status: 201,
  errors: ["not_found"],
});
export const listModelVersionScores = endpoint({
  id: "listModelVersionScores",
  method: "GET",
  path: "/models/{name}/versions/{version}/scores",
  tag: "Models",
  summary: "Evaluation scores of a version, newest measurement first",
  access: "registry:read",
  params: VersionParams,
  query: z.strictObject({ ...PageQuery.shape, set: z.string().max(200).optional(), metric: z.string().max(100).optional() }),
  returns: pageOf(ModelVersionScore),
  errors: ["not_found"],
});
export const listModelScores = endpoint({
  id: "listModelScores",
  method: "GET",
  path: "/models/{name}/scores",
  tag: "Models",
  summary: "The newest score of each set and metric, over the versions of a model",
  description: "Newest version first; `limit` counts versions that have scores.",
  access: "registry:read",
  params: ModelParams,
  query: PageQuery,
  returns: pageOf(z.strictObject({ version: z.int(), ...ComparedScore.shape })),
  errors: ["not_found"],
});
export const verifyModelVersion = endpoint({
  id: "verifyModelVersion",
  method: "POST",
  path: "/models/{name}/versions/{version}/verification",
  tag: "Models",
  summary: "Read every artifact of a version and compare its SHA-256",
  description: "A worker does it; GET shows how far it is. While one runs, this answers with that one.",
  access: "registry:write",
  params: VersionParams,
  returns: Verification,
  status: 202,
  errors: ["not_found", "state_conflict"],
});
export const getModelVersionVerification = endpoint({
  id: "getModelVersionVerification",
  method: "GET",
  path: "/models/{name}/versions/{version}/verification",
  tag: "Models",
  summary: "The newest verification of a version's artifacts, with its progress",
  access: "registry:read",
  params: VersionParams,
  returns: Verification,
  errors: ["not_found"],
});

export const REGISTRY_ENDPOINTS = [
  listModels,
  createModel,
  getModel,
  listModelVersions,
  createModelVersion,
  getModelVersion,
  getModelVersionLineage,
  compareModelVersions,
  changeModelVersionState,
  listModelVersionTransitions,
  addModelVersionScores,
  listModelVersionScores,
  listModelScores,
  verifyModelVersion,
  getModelVersionVerification,
] as const;
