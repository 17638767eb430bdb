import { z } from "zod";
import { CacheSettings, NewCache } from "@/lib/contracts/cache";
import { endpoint } from "@/lib/contracts/endpoint";
import { BALANCING, CallSettings, FALLBACK_CLASSES } from "@/lib/contracts/gateway-config";
import { EnvironmentName, Instant, Name, PageQuery, pageOf, Reason, RowNumber, RowNumberText } from "@/lib/contracts/page";
import { LimitSettings, NewLimits, NO_LIMITS } from "@/lib/contracts/rate-limits";
import { Parameters } from "../prompts/api";

const TAG = "Endpoints and releases";
const Note = z.string().max(2_000).default("");
const BasisPoints = z.int().min(0).max(10_000);

const Balancing = z.enum(BALANCING);

/** Another variant of the release that answers instead after a failure of one of these classes. */
const Fallback = z.strictObject({ variant: Name, on: z.array(z.enum(FALLBACK_CLASSES)).min(1) });

export const ReleaseVariant = z.strictObject({
  id: z.string(),
  name: z.string(),
  weightBps: BasisPoints,
  model: z.strictObject({ name: z.string(), version: z.int() }),
  prompt: z
    .strictObject({
      name: z.string(),
      version: z.int(),
      contentHash: z.string(),
      /** The prompts that stand in it, with the versions that their labels named when the release was saved. */
      includes: z.array(z.strictObject({ reference: z.string(), name: z.string(), version: z.int(), contentHash: z.string() })),
    })
    .nullable(),
  backends: z.array(
    z.strictObject({ name: z.string(), revision: z.int(), kind: z.string(), baseUrl: z.string(), servedModel: z.string().nullable() }),
  ),
  parameters: Parameters,
  balancing: Balancing,
  /** Shares of `weighted`, one a backend in their order; null: all equal. */
  backendWeights: z.array(z.int()).nullable(),
  fallbacks: z.array(Fallback),
  /** Longer input is refused before a backend is called; null: what is too long is the backend's to say. */
  maxInputTokens: z.int().nullable(),
});

export const Release = z.strictObject({
  id: z.string(),
  endpoint: z.string(),
  environment: z.string(),
  number: z.int(),
  /** SHA-256 over the canonical JSON of everything that decides its answers; see docs/releases.md. */
  digest: z.string(),
  isActive: z.boolean(),
  variants: z.array(ReleaseVariant),
  maxOutputTokens: z.int(),
  /** Time limits and attempts, as far as they are not the installation's; see docs/gateway.md. */
  calls: CallSettings,
  /** How its answers are stored and given again; null: not at all. */
  cache: CacheSettings.nullable(),
  note: z.string(),
  createdBy: z.string(),
  createdAt: Instant,
});
export type Release = z.infer<typeof Release>;

export const Endpoint = z.strictObject({
  id: z.string(),
  name: z.string(),
  environment: z.string(),
  description: z.string(),
  team: z.string().nullable(),
  /** The release with all traffic outside a rollout; null before the first is activated. */
  activeRelease: z.strictObject({ number: z.int(), digest: z.string() }).nullable(),
  releaseCount: z.int(),
  /** How much all its callers together may send; see docs/gateway.md. */
  limits: LimitSettings,
  /** When its stored answers were given up last; null: never. */
  cachePurgedAt: Instant.nullable(),
  /** Send it back as If-Match; also a release that becomes active changes it. */
  version: z.int(),
  createdAt: Instant,
});
export type Endpoint = z.infer<typeof Endpoint>;

const InEnvironment = z.strictObject({ environment: EnvironmentName });
const EndpointParams = z.strictObject({ name: Name });
const ReleaseParams = z.strictObject({ name: Name, number: RowNumberText });

export const listEndpoints = endpoint({
  id: "listEndpoints",
  method: "GET",
  path: "/endpoints",
  tag: TAG,
  summary: "Endpoints of an environment, by name",
  access: "release:read",
  query: z.strictObject({ ...PageQuery.shape, ...InEnvironment.shape, q: z.string().max(100).optional() }),
  returns: pageOf(Endpoint),
});
export const createEndpoint = endpoint({
  id: "createEndpoint",
  method: "POST",
  path: "/endpoints",
  tag: TAG,
  summary: "Create an endpoint",
  description: "Its name is what applications send as `model`.",
  access: "release:write",
  body: z.strictObject({
    name: Name,
    environment: EnvironmentName,
    description: z.string().max(10_000).default(""),
    team: Name.nullable().default(null),
    limits: NewLimits.default(NO_LIMITS),
  }),
  returns: Endpoint,
  status: 201,
  errors: ["already_exists", "environment_unknown"],
});
export const getEndpoint = endpoint({
  id: "getEndpoint",
  method: "GET",
  path: "/endpoints/{name}",
  tag: TAG,
  summary: "One endpoint",
  access: "release:read",
  params: EndpointParams,
  query: InEnvironment,
  returns: Endpoint,
  etag: true,
  errors: ["not_found"],
});
export const changeEndpoint = endpoint({
  id: "changeEndpoint",
  method: "PATCH",
  path: "/endpoints/{name}",
  tag: TAG,
  summary: "Change how much an endpoint takes",
  description:
    "Limits of the gateway over all keys together: requests and tokens in any 60 seconds, and requests at a time. What is left out is not limited. Gateways hold to it within seconds; requests under way go on.",
  access: "release:write",
  params: EndpointParams,
  body: z.strictObject({ environment: EnvironmentName, limits: NewLimits }),
  returns: Endpoint,
  etag: true,
  errors: ["not_found"],
});
export const listReleases = endpoint({
  id: "listReleases",
  method: "GET",
  path: "/endpoints/{name}/releases",
  tag: TAG,
  summary: "Releases of an endpoint, newest first",
  access: "release:read",
  params: EndpointParams,
  query: z.strictObject({ ...PageQuery.shape, ...InEnvironment.shape }),
  returns: pageOf(Release),
  errors: ["not_found"],
});
export const getRelease = endpoint({
  id: "getRelease",
  method: "GET",
  path: "/endpoints/{name}/releases/{number}",
  tag: TAG,
  summary: "One release",
  access: "release:read",
  params: ReleaseParams,
  query: InEnvironment,
  returns: Release,
  errors: ["not_found"],
});

/** A prompt by number, or by a label that is resolved to its number now. */
const PromptChoice = z.union([
  z.strictObject({ name: z.string().max(200), version: RowNumber }),
  z.strictObject({ name: z.string().max(200), label: z.string().max(60) }),
]);
export const NewVariant = z.strictObject({
  name: Name,
  weightBps: BasisPoints.default(10_000),
  model: Name,
  modelVersion: RowNumber,
  backends: z.array(Name).min(1).max(50),
  prompt: PromptChoice.nullable().default(null),
  parameters: Parameters.prefault({}),
  balancing: Balancing.default("round_robin"),
  backendWeights: z.array(z.int().min(1).max(1_000)).min(1).max(50).nullable().default(null),
  fallbacks: z.array(Fallback).max(5).default([]),
  maxInputTokens: z.int().min(1).max(100_000_000).nullable().default(null),
});
export type NewVariant = z.infer<typeof NewVariant>;

export const createRelease = endpoint({
  id: "createRelease",
  method: "POST",
  path: "/endpoints/{name}/releases",
  tag: TAG,
  summary: "Create an immutable release",
  description:
    "Labels are resolved to numbers now. Content equal to the newest release is that release: 200. A release changes no traffic: the first one is activated, later ones arrive by a rollout.",
  access: "release:write",
  params: EndpointParams,
  body: z.strictObject({
    environment: EnvironmentName,
    variants: z.array(NewVariant).min(1).max(20),
    maxOutputTokens: z.int().positive().max(1_000_000).default(1_024),
    calls: CallSettings.prefault({}),
    cache: NewCache.nullable().default(null),
    note: Note,
  }),
  returns: Release,
  status: 201,
  alsoAnswers: 200,
  errors: ["not_found", "invalid_reference", "invalid_weights"],
});
export const activateRelease = endpoint({
  id: "activateRelease",
  method: "POST",
  path: "/endpoints/{name}/releases/{number}/activate",
  tag: TAG,
  summary: "Give an endpoint's first release all traffic",
  description: "Only while the endpoint serves nothing. From then on traffic moves by a rollout.",
  access: "release:write",
  params: ReleaseParams,
  body: z.strictObject({ environment: EnvironmentName, reason: Reason }),
  returns: Release,
  errors: ["not_found", "state_conflict"],
});

export const purgeCache = endpoint({
  id: "purgeCache",
  method: "POST",
  path: "/endpoints/{name}/cache/purge",
  tag: TAG,
  summary: "Give up an endpoint's stored answers",
  description:
    "Answers that any release of the endpoint has stored until now are not given again: gateways hold to it within seconds and strike them off in Redis. A release with another content finds none of them anyway.",
  access: "release:write",
  params: EndpointParams,
  body: z.strictObject({ environment: EnvironmentName, reason: Reason }),
  returns: Endpoint,
  errors: ["not_found"],
});

export const ENDPOINT_ENDPOINTS = [
  listEndpoints,
  createEndpoint,
  getEndpoint,
  changeEndpoint,
  listReleases,
  getRelease,
  createRelease,
  activateRelease,
  purgeCache,
] as const;
