import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { Instant, Name, PageQuery, pageOf, RowNumberText } from "@/lib/contracts/page";

const Tag = z.string().trim().min(1).max(60);
const Tags = z.array(Tag).max(50).default([]);
const Description = z.string().max(10_000).default("");

export const Artifact = z.strictObject({
  /** Where it lies: s3://, https://, file:// or the like. It is recorded, not fetched. */
  uri: z
    .string()
    .min(3)
    .max(2_000)
    .regex(/^[a-z][a-z0-9+.-]*:\/\/\S+$/i, "must be a URI such as s3://bucket/path"),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits"),
  sizeBytes: z.int().positive(),
  role: z.enum(["weights", "tokenizer", "config", "calibration", "other"]).default("weights"),
});

export const Lineage = z.strictObject({
  repository: z.string().max(500).nullable().default(null),
  gitCommit: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/, "must be 7 to 64 lower-case hex digits")
    .nullable()
    .default(null),
  datasetVersion: z.string().max(200).nullable().default(null),
  trainingRunUrl: z.url("must be a URL").max(2_000).nullable().default(null),
  imageDigest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hex digits")
    .nullable()
    .default(null),
});

export const ENGINES = ["vllm", "tgi", "tensorrt-llm", "triton", "kserve", "onnx", "simulated", "other"] as const;
export const PRECISIONS = ["fp32", "fp16", "bf16", "fp8", "int8", "int4", "other"] as const;

const versionFields = {
  engine: z.enum(ENGINES),
  precision: z.enum(PRECISIONS),
  parameterCount: z.int().positive().nullable().default(null),
  contextLength: z.int().positive().max(100_000_000).nullable().default(null),
  licence: z.string().trim().min(1).max(100).nullable().default(null),
  description: Description,
  artifacts: z.array(Artifact).max(200).default([]),
  lineage: Lineage.prefault({}),
  tags: Tags,
};

export const ModelVersion = z.strictObject({
  id: z.string(),
  model: z.string(),
  number: z.int(),
  ...versionFields,
  createdBy: z.string(),
  createdAt: Instant,
  /** Releases that name this version, newest first. */
  usedBy: z.array(z.strictObject({ endpoint: z.string(), environment: z.string(), release: z.int(), isActive: z.boolean() })),
});
export type ModelVersion = z.infer<typeof ModelVersion>;

export const Model = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  versionCount: z.int(),
  latestVersion: z.int().nullable(),
  createdAt: Instant,
});
export type Model = z.infer<typeof Model>;

const ModelParams = z.strictObject({ name: Name });
const VersionParams = z.strictObject({ name: Name, version: RowNumberText });

export const listModels = endpoint({
  id: "listModels",
  method: "GET",
  path: "/models",
  tag: "Models",
  summary: "Models by name",
  access: "registry:read",
  query: z.strictObject({ ...PageQuery.shape, q: z.string().max(100).optional(), tag: z.string().max(60).optional() }),
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
  query: PageQuery,
  returns: pageOf(ModelVersion),
  errors: ["not_found"],
});
export const createModelVersion = endpoint({
  id: "createModelVersion",
  method: "POST",
  path: "/models/{name}/versions",
  tag: "Models",
  summary: "Register an immutable version",
  description: "It gets the model's next number. A correction is a new version.",
  access: "registry:write",
  params: ModelParams,
  body: z.strictObject(versionFields),
  returns: ModelVersion,
  status: 201,
  errors: ["not_found"],
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

export const REGISTRY_ENDPOINTS = [listModels, createModel, getModel, listModelVersions, createModelVersion, getModelVersion] as const;
