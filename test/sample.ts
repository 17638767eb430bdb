import { z } from "zod";

type Schema = Readonly<Record<string, unknown>>;

/** Texts that the patterns and formats of our schemas accept, tried in turn. */
const TEXTS = [
  "aa",
  "a1b2c3",
  "0123456789abcdef".repeat(4),
  "a".repeat(32),
  "aa@test.example",
  "https://example.com/aa",
  "2026-01-02T03:04:05Z",
  "7",
  ...["req", "dmo", "drr"].map((prefix) => `${prefix}_${"0".repeat(12)}7${"0".repeat(3)}8${"0".repeat(15)}`),
];

function sampleText(schema: Schema): string | undefined {
  const check = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  return TEXTS.find((text) => check.safeParse(text).success);
}

function sampleObject(schema: Schema): Record<string, unknown> {
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const required = (schema.required ?? []) as string[];
  return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name] ?? {})]));
}

function sampleOf(schema: Schema): unknown {
  if ("default" in schema) return schema.default;
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const either = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (either?.[0] !== undefined) return sampleOf(either[0]);
  switch (schema.type) {
    case "object":
      return sampleObject(schema);
    case "array":
      return Array.from({ length: Number(schema.minItems ?? 0) }, () => sampleOf((schema.items ?? {}) as Schema));
    case "integer":
    case "number":
      return Number(schema.minimum ?? (schema.exclusiveMinimum === undefined ? 1 : Number(schema.exclusiveMinimum) + 1));
    case "boolean":
      return false;
    case "string":
      return sampleText(schema);
    default:
      return undefined;
  }
}

/** The smallest value that a schema accepts, made from the schema itself; undefined where this cannot find one. */
export function sampleFor(schema: z.ZodType): unknown {
  const value = sampleOf(z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" }) as Schema);
  return schema.safeParse(value).success ? value : undefined;
}
