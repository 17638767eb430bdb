/** The parts of JSON Schema 2020-12 that our document uses. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** Values as somebody would write them, by the name of their field. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  name: "support-chat",
  model: "haneul-8b",
  endpoint: "support-chat",
  backend: "vllm-seoul-1",
  slug: "help-center",
  email: "jiwoo@example.com",
  reason: "Shorter refund answers",
  content: "Answer {{topic}} in one sentence.",
  text: "Answer in one sentence.",
  label: "production",
  baseUrl: "https://vllm.example.com/v1",
  servedModel: "haneul-8b",
  uri: "s3://models/haneul-8b/weights.safetensors",
  scopes: ["read", "releases:write"],
  role: "engineer",
  password: "correct horse battery staple",
  token: "from-the-set-up-link",
  sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  validFrom: "2027-01-01T00:00:00Z",
  metric: { name: "helpfulness" },
  arms: { control: { release: 1, shareBps: 5_000 }, treatments: [{ release: 2, shareBps: 5_000 }] },
  value: 0.8,
  comment: "pcm_019f2c6ab1d07c3e8f5a4b2c1d0e9f8a",
};

const TEXTS = [
  "support-chat",
  "production",
  "0.0000004",
  "1",
  "2027-01-01T00:00:00Z",
  "https://vllm.example.com/v1",
  "jiwoo@example.com",
  "a".repeat(64),
  "rol_01a1fb139d2c749d97c067b6bed43cbb",
  "exp_01a1fb139d2c749d97c067b6bed43cbb",
  "pcm_01a1fb139d2c749d97c067b6bed43cbb",
  "dmo_01a1fb139d2c749d97c067b6bed43cbb",
  "drr_01a1fb139d2c749d97c067b6bed43cbb",
  "req_01a1fb139d2c749d97c067b6bed43cbb",
];

function fitsText(schema: Schema, text: unknown): text is string {
  if (typeof text !== "string" || text.length < (schema.minLength ?? 0) || text.length > (schema.maxLength ?? Number.POSITIVE_INFINITY))
    return false;
  if (schema.format === "date-time" && !/^\d{4}-\d\d-\d\dT/.test(text)) return false;
  if (schema.format === "uri" && !/^https?:/.test(text)) return false;
  return schema.pattern === undefined || new RegExp(schema.pattern, "u").test(text);
}

function sampleText(schema: Schema, name: string): string {
  return ([BY_NAME[name], ...TEXTS].find((text) => fitsText(schema, text)) as string | undefined) ?? "…";
}

function sampleObject(schema: Schema): Record<string, unknown> {
  return Object.fromEntries((schema.required ?? []).map((name) => [name, sampleOf(schema.properties?.[name] ?? {}, name)]));
}

/** A value for an example call: what is required and nothing else, with names that read well where the schema takes them. */
export function sampleOf(schema: Schema, name: string): unknown {
  const named = BY_NAME[name];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum.includes(named) ? named : schema.enum[0];
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first !== undefined) return sampleOf(first, name);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case "object":
      return typeof named === "object" && named !== null && !Array.isArray(named) ? named : sampleObject(schema);
    case "array":
      return Array.isArray(named)
        ? named
        : Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}, name.replace(/s$/, "")));
    case "integer":
    case "number":
      if (typeof named === "number") return named;
      return Math.max(1, schema.minimum ?? 0, (schema.exclusiveMinimum ?? 0) + 1);
    case "boolean":
      return false;
    case "string":
      return sampleText(schema, name);
    default:
      return null;
  }
}
