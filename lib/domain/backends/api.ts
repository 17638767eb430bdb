import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { BACKEND_KINDS } from "@/lib/contracts/gateway-config";
import { EnvironmentName, Instant, Name, PageQuery, pageOf } from "@/lib/contracts/page";

const BaseUrl = z
  .url("must be a URL such as http://host:8000/v1")
  .max(500)
  .regex(/^[^?#\s\\]*$/, "may hold no query, fragment, space or backslash");
const Capacity = z.int().min(1).max(1_000_000).nullable();
const ServedModel = z.string().min(1).max(200).nullable();
/** It goes out as a header's value: with anything else in it, no request to the backend could be sent. */
const ApiKey = z
  .string()
  .min(1)
  .max(4_000)
  .regex(/^[\x21-\x7e]+$/, "may hold visible ASCII characters only, no space or line break");

export const Backend = z.strictObject({
  id: z.string(),
  name: z.string(),
  environment: z.string(),
  kind: z.enum(BACKEND_KINDS),
  baseUrl: z.string(),
  /** Sent upstream as `model`; null sends the endpoint's name. */
  servedModel: z.string().nullable(),
  /** A key is stored; it is never shown again. */
  hasKey: z.boolean(),
  isSimulated: z.boolean(),
  /** Requests at a time, all gateways together; null: not bounded. */
  capacity: z.int().nullable(),
  /** Where its metrics are read; null: the usual place of its kind. */
  metricsUrl: z.string().nullable(),
  revision: z.int(),
  createdAt: Instant,
});
export type Backend = z.infer<typeof Backend>;

const BackendParams = z.strictObject({ name: Name });
const InEnvironment = z.strictObject({ environment: EnvironmentName });
const TAG = "Backends";

export const listBackends = endpoint({
  id: "listBackends",
  method: "GET",
  path: "/backends",
  tag: TAG,
  summary: "Backends of an environment, by name",
  access: "backend:read",
  query: z.strictObject({ ...PageQuery.shape, ...InEnvironment.shape }),
  returns: pageOf(Backend),
});
export const createBackend = endpoint({
  id: "createBackend",
  method: "POST",
  path: "/backends",
  tag: TAG,
  summary: "Add a serving backend",
  description: "The address is checked now and at every connection; private addresses work only where the operator lists them.",
  access: "backend:write",
  body: z.strictObject({
    name: Name,
    environment: EnvironmentName,
    kind: z.enum(BACKEND_KINDS),
    baseUrl: BaseUrl,
    servedModel: ServedModel.default(null),
    apiKey: ApiKey.nullable().default(null),
    capacity: Capacity.default(null),
    metricsUrl: BaseUrl.nullable().default(null),
  }),
  returns: Backend,
  status: 201,
  errors: ["already_exists", "environment_unknown", "address_not_allowed"],
});
export const getBackend = endpoint({
  id: "getBackend",
  method: "GET",
  path: "/backends/{name}",
  tag: TAG,
  summary: "One backend",
  access: "backend:read",
  params: BackendParams,
  query: InEnvironment,
  returns: Backend,
  etag: true,
  errors: ["not_found"],
});
export const changeBackend = endpoint({
  id: "changeBackend",
  method: "PATCH",
  path: "/backends/{name}",
  tag: TAG,
  summary: "Change a backend",
  description:
    "Another kind, address or served model is a new revision: releases that exist keep the old one. Another host wipes the stored key and the metrics' address. Capacity and metrics' address belong to no release: they hold at once.",
  access: "backend:write",
  params: BackendParams,
  body: z.strictObject({
    environment: EnvironmentName,
    kind: z.enum(BACKEND_KINDS).optional(),
    baseUrl: BaseUrl.optional(),
    servedModel: ServedModel.optional(),
    /** null takes the key away. */
    apiKey: ApiKey.nullable().optional(),
    capacity: Capacity.optional(),
    metricsUrl: BaseUrl.nullable().optional(),
  }),
  returns: Backend,
  etag: true,
  errors: ["not_found", "address_not_allowed"],
});
/** In the order in which a connection test takes them. */
export const PROBE_STEPS = ["address", "connect", "answer", "key", "models", "model", "metrics", "kind"] as const;
/** What a step found. */
export const PROBE_CODES = [
  "resolved",
  "allowed",
  "private",
  "unresolved",
  "connected",
  "expires_soon",
  "nothing_listens",
  "no_connection",
  "certificate",
  "broken",
  "answered",
  "redirect",
  "http_error",
  "no_list",
  "too_large",
  "no_answer",
  "accepted",
  "not_asked",
  "refused",
  "missing",
  "listed",
  "not_listed",
  "served",
  "not_served",
  "by_endpoint",
  "all_figures",
  "some_figures",
  "no_figures",
  "no_metrics",
  "no_place",
  "recognised",
  "differs",
  "not_recognised",
  "skipped",
] as const;
export type ProbeCode = (typeof PROBE_CODES)[number];
const ProbeStep = z.strictObject({
  step: z.enum(PROBE_STEPS),
  /** skipped: one before it failed, or there was nothing to ask. */
  outcome: z.enum(["ok", "warning", "failed", "skipped"]),
  code: z.enum(PROBE_CODES),
  /** As it was found: addresses, the version of TLS, a status, names, figures. */
  found: z.string().nullable(),
  ms: z.number().nullable(),
});
export type ProbeStep = z.infer<typeof ProbeStep>;
export const BackendProbe = z.strictObject({
  reachable: z.boolean(),
  /** HTTP status of GET {baseUrl}/models; null when nothing answered. */
  status: z.int().nullable(),
  latencyMs: z.number().nullable(),
  models: z.array(z.string()),
  servesModel: z.boolean().nullable(),
  /** What the answer says about itself; null when it does not say. */
  kindHint: z.enum(BACKEND_KINDS).nullable(),
  /** The answer names itself the simulator. */
  isSimulated: z.boolean(),
  finding: z.string(),
  /** What was done, one after the other, and what each found. */
  steps: z.array(ProbeStep),
});
export type BackendProbe = z.infer<typeof BackendProbe>;
export const testBackend = endpoint({
  id: "testBackend",
  method: "POST",
  path: "/backends/{name}/test",
  tag: TAG,
  summary: "Connect now and say what was found",
  access: "backend:write",
  params: BackendParams,
  body: InEnvironment,
  returns: BackendProbe,
  errors: ["not_found"],
});

/** A release that names the backend. */
export const BackendUse = z.strictObject({
  endpoint: z.string(),
  release: z.int(),
  /** Why it has traffic now: it is the endpoint's active release, or a rollout or an experiment is moving it; null: it has none. */
  live: z.enum(["active", "rollout", "experiment"]).nullable(),
  /** Of the backend, as the release froze it. */
  revision: z.int(),
  /** Its variants that answer from the backend. */
  variants: z.array(
    z.strictObject({ name: z.string(), weightBps: z.int(), model: z.strictObject({ name: z.string(), version: z.int() }) }),
  ),
  createdAt: Instant,
});
export type BackendUse = z.infer<typeof BackendUse>;
export const listBackendUses = endpoint({
  id: "listBackendUses",
  method: "GET",
  path: "/backends/{name}/uses",
  tag: TAG,
  summary: "The releases that name a backend: those with traffic first, then the newest",
  access: "backend:read",
  params: BackendParams,
  query: z.strictObject({ ...PageQuery.shape, ...InEnvironment.shape }),
  returns: pageOf(BackendUse),
  errors: ["not_found"],
});

export const BACKEND_ENDPOINTS = [listBackends, createBackend, getBackend, changeBackend, testBackend, listBackendUses] as const;
