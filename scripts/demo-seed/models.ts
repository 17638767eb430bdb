import { createCipheriv, createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const MIB = 1024 * 1024;

/** The demo's models; nothing in it runs a real one, so stand-ins of a few MiB lie where weights would, and are really read and hashed. */
export const DEMO_MODELS = [
  { name: "haneul-7b-chat", description: "7B chat model, Korean and English", prices: ["0.12", "0.18"] },
  { name: "haneul-70b-chat", description: "70B chat model for hard questions", prices: ["0.59", "0.79"] },
] as const;

const ARCHITECTURES = {
  "haneul-7b-chat": { layers: 28, hiddenSize: 3_584, attentionHeads: 28, kvHeads: 4, headDimension: 128, vocabularySize: 152_064 },
  "haneul-70b-chat": { layers: 80, hiddenSize: 8_192, attentionHeads: 64, kvHeads: 8, headDimension: 128, vocabularySize: 128_256 },
} as const;

const NOTES = [
  "The demo runs no real model: its backends are **simulated**, and the files below are stand-ins of a few MiB.",
  "They lie in the data folder's `artifacts` and are really read: change a byte, verify again, and this version cannot be approved.",
].join("\n\n");

const SIGNATURE = {
  input: {
    type: "object",
    required: ["messages"],
    properties: {
      messages: {
        type: "array",
        minItems: 1,
        items: {
          type: "object",
          required: ["role", "content"],
          properties: { role: { enum: ["system", "user", "assistant"] }, content: { type: "string" } },
        },
      },
    },
  },
  output: { type: "object", required: ["content"], properties: { content: { type: "string" } } },
};

interface DemoVersion {
  readonly model: (typeof DEMO_MODELS)[number]["name"];
  readonly precision: string;
  readonly description: string;
  readonly commit: string;
  readonly dataset: string;
  readonly weightsMiB: number;
  readonly derivedFrom: { readonly model: string; readonly version: number; readonly method: string } | null;
  /** accuracy on the support cases, on the honorifics, and p95 in ms on long inputs */
  readonly scores: readonly [number, number, number];
  readonly measuredDay: string;
}

const VERSIONS: readonly DemoVersion[] = [
  {
    model: "haneul-7b-chat",
    precision: "bf16",
    description: "First serving version.",
    commit: "4be19d0",
    dataset: "support-2026-08",
    weightsMiB: 32,
    derivedFrom: null,
    scores: [0.912, 0.951, 455],
    measuredDay: "2026-09-04",
  },
  {
    model: "haneul-7b-chat",
    precision: "bf16",
    description: "Tuned on September's conversations.",
    commit: "9a31f7c",
    dataset: "support-2026-09",
    weightsMiB: 32,
    derivedFrom: { model: "haneul-7b-chat", version: 1, method: "fine-tuned" },
    scores: [0.944, 0.96, 452],
    measuredDay: "2026-10-06",
  },
  {
    model: "haneul-7b-chat",
    precision: "int4",
    description: "Quantised to 4 bit to save memory.",
    commit: "c07d5e2",
    dataset: "support-2026-09",
    weightsMiB: 9,
    derivedFrom: { model: "haneul-7b-chat", version: 2, method: "ptq" },
    scores: [0.871, 0.913, 318],
    measuredDay: "2026-10-21",
  },
  {
    model: "haneul-70b-chat",
    precision: "fp8",
    description: "Large model.",
    commit: "1f2e8aa",
    dataset: "support-2026-08",
    weightsMiB: 64,
    derivedFrom: null,
    scores: [0.968, 0.972, 1_240],
    measuredDay: "2026-09-18",
  },
];

/** Bytes that look like noise and are the same at every seed. */
function toStandIn(name: string, size: number): Buffer {
  const key = createHash("sha256").update(name).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

function writeArtifact(folder: string, { file, bytes, role }: { file: string; bytes: Buffer; role: string }) {
  const target = path.join(folder, file);
  writeFileSync(target, bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { uri: pathToFileURL(target).href, sha256, sizeBytes: bytes.length, role };
}

function writeArtifacts(root: string, version: DemoVersion) {
  const folder = path.join(root, version.model, version.commit);
  mkdirSync(folder, { recursive: true });
  const config = { model: version.model, precision: version.precision, ...ARCHITECTURES[version.model] };
  return [
    { file: "model.safetensors", bytes: toStandIn(`${version.model}/${version.commit}`, version.weightsMiB * MIB), role: "weights" },
    { file: "tokenizer.json", bytes: toStandIn(version.model, MIB / 4), role: "tokenizer" },
    { file: "config.json", bytes: Buffer.from(`${JSON.stringify(config, null, 2)}\n`), role: "config" },
  ].map((artifact) => writeArtifact(folder, artifact));
}

const toScores = ({ scores: [support, honorifics, p95], measuredDay }: DemoVersion) => {
  const measured = { measuredAt: `${measuredDay}T09:00:00Z` };
  return [
    { set: "support-cases v14", metric: "accuracy", value: support, better: "higher", cases: 412, ...measured },
    { set: "korean-honorifics v3", metric: "accuracy", value: honorifics, better: "higher", cases: 150, ...measured },
    { set: "long-input v2", metric: "latency p95", value: p95, unit: "ms", better: "lower", cases: 200, ...measured },
  ];
};

/** Writes the stand-ins below `root` and gives each version with its request body and scores, in the order of registering. */
export function prepareDemoVersions(root: string) {
  const numbers = new Map<string, number>();
  return VERSIONS.map((version) => {
    const number = (numbers.get(version.model) ?? 0) + 1;
    numbers.set(version.model, number);
    return {
      params: { name: version.model, version: number },
      body: {
        engine: "vllm",
        precision: version.precision,
        parameterCount: version.model === "haneul-7b-chat" ? 7_615_616_512 : 70_553_706_496,
        contextLength: 32_768,
        architecture: ARCHITECTURES[version.model],
        licence: "apache-2.0",
        description: version.description,
        notes: NOTES,
        artifacts: writeArtifacts(root, version),
        lineage: { repository: "models/haneul", gitCommit: version.commit, datasetVersion: version.dataset },
        signature: SIGNATURE,
        derivedFrom: version.derivedFrom,
        tags: [],
      },
      scores: toScores(version),
    };
  });
}
