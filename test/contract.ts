import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";
import { ENDPOINTS } from "@/lib/http/endpoints";
import { toOpenApi } from "@/lib/http/openapi";

type Json = Record<string, unknown>;

const DOCUMENT = toOpenApi(ENDPOINTS, "http://127.0.0.1:3000");

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addFormat(
  "date-time",
  (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
);
ajv.addFormat("email", /^[^@\s]+@[^@\s]+$/);
ajv.addFormat("uri", (text: string) => URL.canParse(text));
ajv.addFormat("uuid", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);

const validators = new Map<string, ValidateFunction>();

function asObject(value: unknown): Json | null {
  return typeof value === "object" && value !== null ? (value as Json) : null;
}

const PROBLEM_REF = "#/components/schemas/Problem";
const PROBLEM = asObject(asObject(asObject(DOCUMENT.components)?.schemas)?.Problem) ?? {};

/** Compiled once; the one reference that the document uses is put in its place, since compiling by reference walks the whole document. */
function validatorOf(key: string, schema: Json): ValidateFunction {
  const isProblem = schema.$ref === PROBLEM_REF;
  const name = isProblem ? PROBLEM_REF : key;
  const validate = validators.get(name) ?? ajv.compile(isProblem ? PROBLEM : schema);
  validators.set(name, validate);
  return validate;
}

/**
 * What of an answer is not as the OpenAPI document says: a status that is not documented for the operation, another media type, or a
 * body that its schema refuses. Empty when all is well. `path` is the documented one: `/api/v1/models/{name}`.
 */
export async function contractFaults(method: string, path: string, response: Response): Promise<string[]> {
  const operation = asObject(asObject(asObject(DOCUMENT.paths)?.[path])?.[method.toLowerCase()]);
  if (operation === null) return [`${method} ${path} is not in the document`];
  // RFC 9110 section 15.4.5: the answer of a conditional read, the same for every operation.
  if (response.status === 304) return [];
  const documented = asObject(asObject(operation.responses)?.[String(response.status)]);
  if (documented === null) return [`status ${response.status} is not documented (${await response.clone().text()})`];
  const type = (response.headers.get("content-type") ?? "").split(";")[0] ?? "";
  const content = asObject(documented.content);
  if (content === null) return response.status === 204 ? [] : [`status ${response.status} documents no body`];
  if (!(type in content)) return [`answers ${type}, documented is ${Object.keys(content).join(", ")}`];
  const validate = validatorOf(`${method} ${path} ${response.status}`, asObject(asObject(content[type])?.schema) ?? {});
  if (validate(await response.clone().json())) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath || "/"} ${error.message ?? ""} ${JSON.stringify(error.params)}`);
}
