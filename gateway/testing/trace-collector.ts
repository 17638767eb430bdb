import { createServer } from "node:http";
import { z } from "zod";

const Attribute = z.strictObject({
  key: z.string(),
  value: z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
    z.strictObject({ doubleValue: z.number() }),
    z.strictObject({ boolValue: z.boolean() }),
  ]),
});
const Nano = z.string().regex(/^\d{16,19}$/);
/** A span as opentelemetry-proto's JSON mapping has it; what it does not name is a mistake here. */
const Span = z.strictObject({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .optional(),
  traceState: z.string().optional(),
  name: z.string().min(1),
  kind: z.int().min(1).max(5),
  startTimeUnixNano: Nano,
  endTimeUnixNano: Nano,
  attributes: z.array(Attribute),
  events: z.array(z.strictObject({ timeUnixNano: Nano, name: z.string() })).optional(),
  status: z.strictObject({ code: z.int() }).optional(),
});
const Export = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes: z.array(Attribute) }),
      schemaUrl: z.string(),
      scopeSpans: z.array(
        z.strictObject({ scope: z.strictObject({ name: z.string(), version: z.string() }), schemaUrl: z.string(), spans: z.array(Span) }),
      ),
    }),
  ),
});

export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly kind: number;
  readonly startNano: bigint;
  readonly endNano: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  readonly isError: boolean;
}

export interface TraceCollector {
  readonly url: string;
  readonly spans: CollectedSpan[];
  /** Headers of each export that came. */
  readonly exports: Readonly<Record<string, string | string[] | undefined>>[];
  /** Statuses of the next answers; 200 when there are no more. */
  readonly answers: number[];
  close(): Promise<void>;
}

type Attributes = readonly z.infer<typeof Attribute>[];
const toRecord = (attributes: Attributes) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, "intValue" in value ? Number(value.intValue) : Object.values(value)[0]]));

/** An OTLP/HTTP collector that takes JSON and is strict about it. */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  const exports: TraceCollector["exports"] = [];
  const answers: number[] = [];
  const take = (text: string) => {
    for (const { resource, scopeSpans } of Export.parse(JSON.parse(text)).resourceSpans)
      for (const { spans: more } of scopeSpans)
        for (const span of more)
          spans.push({
            ...{ name: span.name, traceId: span.traceId, spanId: span.spanId, parentId: span.parentSpanId ?? null, kind: span.kind },
            startNano: BigInt(span.startTimeUnixNano),
            endNano: BigInt(span.endTimeUnixNano),
            attributes: toRecord(span.attributes),
            resource: toRecord(resource.attributes),
            events: (span.events ?? []).map((event) => event.name),
            isError: span.status?.code === 2,
          });
  };
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    exports.push({ ...request.headers, path: request.url });
    const status = answers.shift() ?? 200;
    if (status === 200) take(text);
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    exports,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
