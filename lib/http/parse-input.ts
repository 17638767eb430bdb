import type { z } from "zod";
import type { EndpointInput, EndpointSpec } from "@/lib/contracts/endpoint";
import { AppError, type FieldError } from "@/lib/core/errors";
import { MAX_NAMED_ERRORS } from "./problem";

/** Longer names of fields are cut: they come from the caller. */
const MAX_POINTER = 300;

const escapePointer = (part: PropertyKey) => String(part).replaceAll("~", "~0").replaceAll("/", "~1");

type Issue = z.core.$ZodIssue;

/** Of a union's forms, the mistakes of the one that was meant: whose fields were all known, else with the fewest mistakes. */
function unfoldUnion(issue: Issue): readonly Issue[] {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
  const isOther = (issues: readonly Issue[]) =>
    issues.some((i) => i.path.length === 0 && (i.code === "unrecognized_keys" || i.code === "invalid_type"));
  const [meant = []] = [...issue.errors].sort((a, b) => Number(isOther(a)) - Number(isOther(b)) || a.length - b.length);
  return meant.flatMap((inner) => unfoldUnion({ ...inner, path: [...issue.path, ...inner.path] }));
}

function toFieldErrors(error: z.ZodError, prefix: "body" | "query" | "params"): FieldError[] {
  return error.issues.flatMap(unfoldUnion).flatMap((issue) => {
    const paths =
      issue.code === "unrecognized_keys"
        ? issue.keys.map((k) => ({ path: [...issue.path, k], detail: "is not a known field" }))
        : [{ path: issue.path, detail: issue.message }];
    return paths.map(({ path, detail }) => ({
      pointer:
        prefix === "body"
          ? path.map((p) => `/${escapePointer(p)}`).join("")
          : `${prefix === "query" ? "?" : ":"}${path.map(String).join(".")}`,
      detail,
    }));
  });
}

/** PostgreSQL holds no NUL character, UTF-8 no half of a surrogate pair. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

function findUnstorable(value: unknown, pointer: string): FieldError[] {
  if (typeof value === "string")
    return UNSTORABLE.test(value) ? [{ pointer, detail: "holds a NUL character or half of a surrogate pair" }] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    UNSTORABLE.test(key)
      ? [{ pointer, detail: "has a field whose name holds a NUL character or half of a surrogate pair" }]
      : findUnstorable(item, `${pointer}/${escapePointer(key)}`),
  );
}

function parsePart(
  schema: z.ZodType | undefined,
  value: unknown,
  part: "body" | "query" | "params",
): { value: unknown; errors: FieldError[] } {
  if (schema === undefined) {
    const unknown =
      part === "query" ? Object.keys(value as object).map((k) => ({ pointer: `?${k}`, detail: "is not a known parameter" })) : [];
    return { value: {}, errors: unknown };
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? { value: parsed.data, errors: [] } : { value: null, errors: toFieldErrors(parsed.error, part) };
}

/** Turns untrusted parts into trusted input. @throws AppError invalid_request with one entry a mistake, all at once; 404 for a bad path id */
export function parseInput<E extends EndpointSpec>(endpoint: E, raw: { params: unknown; query: unknown; body: unknown }): EndpointInput<E> {
  const params = parsePart(endpoint.params, raw.params, "params");
  if (params.errors.length > 0 || findUnstorable(raw.params, "").length > 0)
    throw new AppError("not_found", "There is nothing at this address.");
  const query = parsePart(endpoint.query, raw.query, "query");
  const body = parsePart(endpoint.body, raw.body, "body");
  const unstorable = [
    ...findUnstorable(raw.query, "").map((e) => ({ ...e, pointer: e.pointer.replace("/", "?") })),
    ...findUnstorable(raw.body, ""),
  ];
  const errors = [...query.errors, ...body.errors, ...unstorable];
  const [first] = errors;
  if (first !== undefined) {
    const named = errors.slice(0, MAX_NAMED_ERRORS).map((e) => ({ ...e, pointer: e.pointer.slice(0, MAX_POINTER) }));
    const where = named[0]?.pointer === "" ? "The body" : named[0]?.pointer;
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more, see errors)` : "";
    throw new AppError("invalid_request", `${where} ${first.detail}${more}.`, { errors: named });
  }
  // The three parts were parsed by the very schemas that the type is made of.
  return { params: params.value, query: query.value, body: body.value } as EndpointInput<E>;
}
