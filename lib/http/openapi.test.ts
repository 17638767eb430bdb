import Ajv2020 from "ajv/dist/2020";
import { describe, expect, it } from "vitest";
import { ERRORS } from "@/lib/core/errors";
import { ENDPOINTS } from "./endpoints";
import { toOpenApi } from "./openapi";

const document = toOpenApi(ENDPOINTS, "https://switchyard.example");

function* visit(value: unknown, pointer = ""): Generator<{ pointer: string; value: Record<string, unknown> }> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield { pointer, value: value as Record<string, unknown> };
  for (const [name, part] of Object.entries(value)) yield* visit(part, `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
}

function at(pointer: string): unknown {
  return pointer
    .slice(2)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], document);
}

describe("the OpenAPI document", () => {
  it("describes each endpoint once, under its own path", () => {
    const paths = document.paths as Record<string, Record<string, { operationId: string }>>;
    const ids = Object.values(paths).flatMap((path) => Object.values(path).map((operation) => operation.operationId));
    expect(ids.sort()).toEqual(ENDPOINTS.map((e) => e.id).sort());
  });

  it("holds no reference that points nowhere", () => {
    const dangling = [...visit(document)].filter(({ value }) => typeof value.$ref === "string" && at(value.$ref) === undefined);
    expect(dangling).toEqual([]);
  });

  it("holds only schemas that a validator of JSON Schema 2020-12 takes", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    for (const { pointer, value } of visit(document))
      if ("schema" in value) expect(ajv.validateSchema(value.schema ?? {}), pointer).toBe(true);
  });

  it("declares every path parameter, and each as needed", () => {
    for (const [path, operations] of Object.entries(document.paths as Record<string, Record<string, { parameters: unknown[] }>>)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
      for (const operation of Object.values(operations)) {
        const declared = (operation.parameters as { in?: string; name: string; required: boolean }[]).filter((p) => p.in === "path");
        expect(declared.map((p) => p.name).sort(), path).toEqual(named);
        expect(
          declared.every((p) => p.required),
          path,
        ).toBe(true);
      }
    }
  });

  it("names every code of the catalogue in the problem's schema", () => {
    expect(at("#/components/schemas/Problem/properties/code/enum")).toEqual(Object.keys(ERRORS));
  });
});
