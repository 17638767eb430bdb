import { describe, expect, it } from "vitest";
import { z } from "zod";
import { TRACING } from "@/lib/infra/tracing-env";
import { toTracingOptions } from "./options";

const Env = z.object(TRACING);
const about = { version: "1.2.3", gatewayId: "gw-1" };
const read = (env: Record<string, string>) => toTracingOptions(Env.parse(env), about);
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" };

describe("OpenTelemetry's variables", () => {
  it("trace nothing without an address, or where they say off", () => {
    expect(read({})).toBeNull();
    expect(read({ ...endpoint, OTEL_SDK_DISABLED: "true" })).toBeNull();
    expect(read({ ...endpoint, OTEL_TRACES_EXPORTER: "none" })).toBeNull();
  });

  it("have the specification's defaults", () => {
    expect(read(endpoint)).toEqual({
      url: "http://collector:4318/v1/traces",
      headers: {},
      sampler: "parentbased_always_on",
      ratio: 1,
      resource: { "service.name": "switchyard-gateway", "service.version": "1.2.3", "service.instance.id": "gw-1" },
      delayMs: 5_000,
      timeoutMs: 10_000,
    });
  });

  it("take the traces' own address as it is, and the traces' own headers over the common ones", () => {
    const options = read({
      ...endpoint,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://tempo.example/otlp/v1/traces",
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=a,x-more=1",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x-tenant=Bearer%20b%2Cc",
    });
    expect(options).toMatchObject({ url: "https://tempo.example/otlp/v1/traces", headers: { "x-tenant": "Bearer b,c", "x-more": "1" } });
  });

  it("name the service: its own variable over the resource's", () => {
    const resource = { OTEL_RESOURCE_ATTRIBUTES: "service.name=from-resource,team=ml" };
    expect(read({ ...endpoint, ...resource })?.resource).toMatchObject({ "service.name": "from-resource", team: "ml" });
    expect(read({ ...endpoint, ...resource, OTEL_SERVICE_NAME: "mine" })?.resource["service.name"]).toBe("mine");
  });

  it.each([
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"],
    ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "no-equals-sign"],
    ["OTEL_EXPORTER_OTLP_HEADERS", "a=%zz"],
    ["OTEL_TRACES_SAMPLER", "jaeger_remote"],
    ["OTEL_TRACES_SAMPLER_ARG", "10"],
    ["OTEL_SDK_DISABLED", "yes"],
  ])("refuse %s=%s at the start", (name, value) => {
    expect(Env.safeParse({ ...endpoint, [name]: value }).success).toBe(false);
  });
});
