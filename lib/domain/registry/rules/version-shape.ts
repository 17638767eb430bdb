import { z } from "zod";
import { Name, RowNumber } from "@/lib/contracts/page";
import { parseArtifactUri } from "@/lib/core/artifacts";

const Tag = z.string().trim().min(1).max(60);
export const Tags = z.array(Tag).max(50).default([]);
export const Description = z.string().max(10_000).default("");

export const ENGINES = ["vllm", "tgi", "tensorrt-llm", "triton", "kserve", "onnx", "simulated", "other"] as const;
export const PRECISIONS = ["fp32", "fp16", "bf16", "fp8", "int8", "int4", "other"] as const;
export const ARTIFACT_ROLES = ["weights", "tokenizer", "config", "calibration", "other"] as const;

export const Artifact = z.strictObject({
  uri: z.string(),
  sha256: z.string(),
  sizeBytes: z.int(),
  role: z.enum(ARTIFACT_ROLES),
});

export const NewArtifact = z.strictObject({
  /** s3://bucket/key, https://, http:// or file:// in a folder that the operator allows. */
  uri: z
    .string()
    .min(3)
    .max(2_000)
    .regex(/^\S+$/, "may not hold white space")
    .superRefine((uri, context) => {
      const parsed = parseArtifactUri(uri);
      if ("mistake" in parsed) context.addIssue({ code: "custom", message: parsed.mistake });
    }),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits"),
  sizeBytes: z.int().positive(),
  role: z.enum(ARTIFACT_ROLES).default("weights"),
});

const WebAddress = z
  .url({ protocol: /^https?$/, error: "must be an http or https address" })
  .max(2_000)
  .nullable()
  .default(null);

export const Lineage = z.strictObject({
  repository: z.string().max(500).nullable().default(null),
  gitCommit: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/, "must be 7 to 64 lower-case hex digits")
    .nullable()
    .default(null),
  datasetVersion: z.string().max(200).nullable().default(null),
  trainingRunUrl: WebAddress,
  imageDigest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hex digits")
    .nullable()
    .default(null),
});

const Dimension = z.int().positive().max(10_000_000).nullable().default(null);
/** What a capacity plan needs: bytes of KV cache a token = 2 × layers × kvHeads × headDimension × bytes of the cache's precision. */
export const Architecture = z.strictObject({
  layers: Dimension,
  hiddenSize: Dimension,
  attentionHeads: Dimension,
  kvHeads: Dimension,
  headDimension: Dimension,
  vocabularySize: Dimension,
});
export type Architecture = z.infer<typeof Architecture>;

/** What goes in and comes out, each as JSON Schema 2020-12; rules/signature.ts says what is accepted. */
export const Signature = z.strictObject({
  input: z.record(z.string(), z.unknown()),
  output: z.record(z.string(), z.unknown()),
});
export type Signature = z.infer<typeof Signature>;

export const DERIVATIONS = ["fine-tuned", "ptq", "qat", "pruned", "distilled", "merged", "compiled", "other"] as const;
/** How a version was made of its parent. */
export const Derivation = z.strictObject({
  method: z.enum(DERIVATIONS),
  /** For what it was compiled, such as sm_90; an engine built for one does not run on another. */
  gpuArchitecture: z.string().trim().min(1).max(60).nullable().default(null),
});
export const NewDerivation = z
  .strictObject({ model: Name, version: RowNumber, ...Derivation.shape })
  .refine((d) => d.method !== "compiled" || d.gpuArchitecture !== null, {
    path: ["gpuArchitecture"],
    message: "must say for which GPU architecture it was compiled, such as sm_90",
  });

const shared = {
  engine: z.enum(ENGINES),
  precision: z.enum(PRECISIONS),
  parameterCount: z.int().positive().nullable().default(null),
  contextLength: z.int().positive().max(100_000_000).nullable().default(null),
  architecture: Architecture.prefault({}),
  licence: z.string().trim().min(1).max(100).nullable().default(null),
  description: Description,
  /** Markdown; shown without raw HTML and images. */
  notes: z.string().max(50_000).default(""),
  lineage: Lineage.prefault({}),
  signature: Signature.nullable().default(null),
  tags: Tags,
};

export const NewVersion = z.strictObject({
  ...shared,
  artifacts: z.array(NewArtifact).max(200).default([]),
  derivedFrom: NewDerivation.nullable().default(null),
});
export type NewVersion = z.output<typeof NewVersion>;

export const registeredFields = { ...shared, artifacts: z.array(Artifact) };
