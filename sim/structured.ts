import { z } from "zod";
import type { Prng } from "@/lib/core/prng";
import { drawElement, prngFor } from "./prng";

const Schema = z.record(z.string(), z.unknown());
const asSchema = (value: unknown): Record<string, unknown> => Schema.safeParse(value).data ?? {};
const MAX_DEPTH = 8;

/**
 * A value that fits a JSON schema, drawn from the seed: type, enum, const, properties, items, anyOf/oneOf, minimum,
 * maximum, minItems and minLength are read; `$ref`, patterns and formats are not. Strings hold `text`.
 */
export function instanceOf(schema: unknown, { seed, text }: { seed: string; text: string }): unknown {
  return build(asSchema(schema), { random: prngFor(seed, "schema"), text, depth: 0 });
}

type Context = { random: Prng; text: string; depth: number };

function build(schema: Record<string, unknown>, context: Context): unknown {
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return drawElement<unknown>(context.random, schema.enum);
  const branches = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(branches)) return build(asSchema(branches[0]), context);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (context.depth > MAX_DEPTH) return null;
  const deeper = { ...context, depth: context.depth + 1 };
  switch (type) {
    case "object":
      return Object.fromEntries(Object.entries(asSchema(schema.properties)).map(([key, value]) => [key, build(asSchema(value), deeper)]));
    case "array":
      return Array.from({ length: Math.min(100, Math.max(1, toNumber(schema.minItems, 1))) }, () => build(asSchema(schema.items), deeper));
    case "integer":
      return Math.floor(between(schema, context.random));
    case "number":
      return Math.round(between(schema, context.random) * 100) / 100;
    case "boolean":
      return context.random.next() < 0.5;
    case "null":
      return null;
    case "string":
      return context.text.padEnd(Math.min(10_000, toNumber(schema.minLength, 0)), ".");
    default:
      return "properties" in schema ? build({ ...schema, type: "object" }, context) : context.text;
  }
}

function between(schema: Record<string, unknown>, random: Prng): number {
  const low = toNumber(schema.minimum, 0);
  const high = Math.max(low, toNumber(schema.maximum, low + 100));
  return low + random.next() * (high - low);
}

function toNumber(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}
