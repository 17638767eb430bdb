import { z } from "zod";

const Schema = z.looseObject({ type: z.union([z.string(), z.array(z.string())]).optional(), description: z.string().optional() });
const Parameter = z.union([
  z.looseObject({ name: z.string(), in: z.string(), required: z.boolean().optional(), description: z.string().optional(), schema: Schema }),
  z.looseObject({ $ref: z.string() }),
]);
const Content = z.record(z.string(), z.looseObject({ schema: z.unknown() }));
const Operation = z.looseObject({
  operationId: z.string(),
  tags: z.array(z.string()),
  summary: z.string(),
  description: z.string(),
  parameters: z.array(Parameter),
  requestBody: z.looseObject({ content: Content }).optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string(), content: Content.optional() })),
});
const Document = z.looseObject({
  info: z.looseObject({ title: z.string(), description: z.string() }),
  servers: z.array(z.looseObject({ url: z.string() })),
  tags: z.array(z.looseObject({ name: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
});

export interface OperationView {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly { name: string; place: string; required: boolean; type: string; description: string }[];
  readonly body: string | null;
  readonly answer: { status: string; schema: string } | null;
  readonly errors: readonly { status: string; codes: readonly { code: string; title: string }[] }[];
  readonly curl: string;
}

function typeOf(schema: z.infer<typeof Schema>): string {
  const { type } = schema;
  if (Array.isArray(type)) return type.join(" or ");
  return type ?? "any";
}

const CODES = /`(\w+)`: ([^;]+)/g;
const pretty = (value: unknown) => JSON.stringify(value, null, 2);

function toCurl(server: string, method: string, path: string, hasBody: boolean): string {
  const flags = [
    method === "get" ? "" : ` -X ${method.toUpperCase()}`,
    ` -H "Authorization: Bearer $TOKEN"`,
    hasBody ? ` -H 'Content-Type: application/json' -d @body.json` : "",
  ];
  return `curl${flags.join("")} '${server}${path}'`;
}

/** The OpenAPI document by tag, as the reference page draws it. @throws when the document is not of the shape that we generate */
export function toReference(document: unknown): {
  title: string;
  description: string;
  groups: { tag: string; operations: OperationView[] }[];
} {
  const doc = Document.parse(document);
  const server = doc.servers[0]?.url ?? "";
  const operations = Object.entries(doc.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, o]) => {
      const responses = Object.entries(o.responses);
      const good = responses.find(([status]) => status.startsWith("2"));
      const body = o.requestBody?.content["application/json"]?.schema;
      return {
        tag: o.tags[0] ?? "",
        view: {
          id: o.operationId,
          method: method.toUpperCase(),
          path,
          summary: o.summary,
          description: o.description,
          parameters: o.parameters.flatMap((p) =>
            "schema" in p && typeof p.name === "string"
              ? [
                  {
                    name: p.name,
                    place: String(p.in),
                    required: p.required === true,
                    type: typeOf(Schema.parse(p.schema)),
                    description: String(p.description ?? ""),
                  },
                ]
              : [],
          ),
          body: body === undefined ? null : pretty(body),
          answer: good === undefined ? null : { status: good[0], schema: pretty(good[1].content?.["application/json"]?.schema ?? {}) },
          errors: responses
            .filter(([status]) => !status.startsWith("2"))
            .map(([status, r]) => ({
              status,
              codes: [...r.description.matchAll(CODES)].map((m) => ({ code: m[1] ?? "", title: m[2] ?? "" })),
            })),
          curl: toCurl(server, method, path, body !== undefined),
        } satisfies OperationView,
      };
    }),
  );
  return {
    title: doc.info.title,
    description: doc.info.description,
    groups: doc.tags.map(({ name }) => ({ tag: name, operations: operations.filter((o) => o.tag === name).map((o) => o.view) })),
  };
}
