import { z } from "zod";

const PAIRS = "must be a comma list of name=value, percent-encoded where a value holds a comma";

function parsePairs(text: string): Record<string, string> | null {
  const pairs: Record<string, string> = {};
  for (const part of text.split(",").filter((each) => each.trim() !== "")) {
    const at = part.indexOf("=");
    if (at < 1) return null;
    try {
      pairs[part.slice(0, at).trim()] = decodeURIComponent(part.slice(at + 1).trim());
    } catch {
      return null;
    }
  }
  return pairs;
}

const pairs = z
  .string()
  .default("")
  .refine((text) => parsePairs(text) !== null, PAIRS)
  .transform((text) => parsePairs(text) ?? {});
const protocol = z
  .enum(["http/json", "http/protobuf"], "must be http/json: traces go as OTLP over HTTP, which collectors take on port 4318")
  .optional();
const address = (example: string) => z.url({ protocol: /^https?$/, error: `must be an http address, for example ${example}` }).optional();
const ratio = "must be a ratio between 0 and 1";
const ms = (fallback: number) => z.coerce.number().int().min(1).max(600_000).default(fallback);

/** OpenTelemetry's own variables for traces, with the names, meanings and defaults of its specification. No endpoint: no traces. */
export const TRACING = {
  OTEL_SDK_DISABLED: z
    .enum(["true", "false"])
    .default("false")
    .transform((v) => v === "true"),
  OTEL_TRACES_EXPORTER: z.enum(["otlp", "none"]).default("otlp"),
  OTEL_EXPORTER_OTLP_ENDPOINT: address("http://127.0.0.1:4318"),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address("http://127.0.0.1:4318/v1/traces"),
  /** Collectors that take protobuf over HTTP must take JSON at the same address: it goes as JSON for both. */
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  OTEL_EXPORTER_OTLP_HEADERS: pairs,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs,
  OTEL_EXPORTER_OTLP_TIMEOUT: ms(10_000),
  OTEL_BSP_SCHEDULE_DELAY: ms(5_000),
  OTEL_TRACES_SAMPLER: z
    .enum(["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"])
    .default("parentbased_always_on"),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0, ratio).max(1, ratio).default(1),
  OTEL_PROPAGATORS: z
    .string()
    .default("tracecontext,baggage")
    .transform((v) => v.split(",").map((s) => s.trim())),
  OTEL_SERVICE_NAME: z.string().max(200).optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs,
};
