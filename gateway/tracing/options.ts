import type { SamplerName } from "./sampler";

/** How traces leave the gateway; from OpenTelemetry's own environment variables. */
export interface TracingOptions {
  /** OTLP over HTTP: where traces are posted to. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sampler: SamplerName;
  /** 0..1 of the ratio samplers. */
  readonly ratio: number;
  readonly resource: Readonly<Record<string, string>>;
  /** Between two exports. */
  readonly delayMs: number;
  readonly timeoutMs: number;
}

/** What of the environment is about traces, checked. */
export interface TracingEnv {
  readonly OTEL_SDK_DISABLED: boolean;
  readonly OTEL_TRACES_EXPORTER: "otlp" | "none";
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_HEADERS: Readonly<Record<string, string>>;
  readonly OTEL_EXPORTER_OTLP_TRACES_HEADERS: Readonly<Record<string, string>>;
  readonly OTEL_EXPORTER_OTLP_TIMEOUT: number;
  readonly OTEL_BSP_SCHEDULE_DELAY: number;
  readonly OTEL_TRACES_SAMPLER: SamplerName;
  readonly OTEL_TRACES_SAMPLER_ARG: number;
  readonly OTEL_PROPAGATORS: readonly string[];
  readonly OTEL_SERVICE_NAME?: string | undefined;
  readonly OTEL_RESOURCE_ATTRIBUTES: Readonly<Record<string, string>>;
}

const DEFAULT_NAME = "switchyard-gateway";

/** Whether the caller's baggage goes on to the backends, traced or not. */
export const passesBaggage = (env: Pick<TracingEnv, "OTEL_PROPAGATORS">): boolean => env.OTEL_PROPAGATORS.includes("baggage");

/** null: no endpoint is set, so nothing is traced. */
export function toTracingOptions(
  env: TracingEnv,
  { version, gatewayId }: { version: string; gatewayId: string | null },
): TracingOptions | null {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, "");
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base === undefined ? undefined : `${base}/v1/traces`);
  if (url === undefined || env.OTEL_SDK_DISABLED || env.OTEL_TRACES_EXPORTER === "none") return null;
  return {
    url,
    headers: { ...env.OTEL_EXPORTER_OTLP_HEADERS, ...env.OTEL_EXPORTER_OTLP_TRACES_HEADERS },
    sampler: env.OTEL_TRACES_SAMPLER,
    ratio: env.OTEL_TRACES_SAMPLER_ARG,
    resource: {
      "service.version": version,
      ...(gatewayId === null ? {} : { "service.instance.id": gatewayId }),
      ...env.OTEL_RESOURCE_ATTRIBUTES,
      "service.name": env.OTEL_SERVICE_NAME ?? env.OTEL_RESOURCE_ATTRIBUTES["service.name"] ?? DEFAULT_NAME,
    },
    delayMs: env.OTEL_BSP_SCHEDULE_DELAY,
    timeoutMs: env.OTEL_EXPORTER_OTLP_TIMEOUT,
  };
}
