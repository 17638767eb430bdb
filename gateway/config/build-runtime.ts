import { toBackendPaths } from "@/lib/contracts/backend-paths";
import {
  type CallSettings,
  DEFAULT_CALLS,
  type GatewayBackend,
  type GatewayConfig,
  type GatewayDirectBackend,
  type GatewayEndpoint,
  type GatewayPrice,
  type GatewayPrompt,
  type GatewayRelease,
  type GatewayVariant,
} from "@/lib/contracts/gateway-config";
import { timeOfId } from "@/lib/core/ids";
import { parseUsd } from "@/lib/core/money";
import { parseTemplate } from "@/lib/core/template";
import { isListedHost } from "@/lib/infra/http-client";
import { type Kek, openSecret, secretPlace } from "@/lib/infra/secrets";
import { toArmTable, toGateTable } from "../routing/split";
import { indexLabelledPrompts } from "./labelled-prompts";
import type {
  RuntimeArm,
  RuntimeBackend,
  RuntimeConfig,
  RuntimeEndpoint,
  RuntimeKey,
  RuntimePrice,
  RuntimeProject,
  RuntimePrompt,
  RuntimeRelease,
  RuntimeScope,
  RuntimeTarget,
  RuntimeVariant,
} from "./runtime-config";
import { SnapshotRefusedError } from "./verify-snapshot";

export interface BuildOptions {
  readonly keks: readonly Kek[];
  /** The gateway's own list of private host:port that may be called, besides what the snapshot allows. */
  readonly privateHosts: readonly string[];
}

interface Building extends BuildOptions {
  readonly config: GatewayConfig;
  readonly warnings: string[];
  readonly backends: Map<string, RuntimeBackend>;
  readonly prompts: ReadonlyMap<string, RuntimePrompt>;
}

function byId<T extends { readonly id: string }>(what: string, items: readonly T[]): Map<string, T> {
  const map = new Map(items.map((item) => [item.id, item]));
  if (map.size !== items.length) throw new SnapshotRefusedError(`two ${what} of the snapshot have the same id`);
  return map;
}

function need<T>(map: ReadonlyMap<string, T>, id: string, what: string): T {
  const found = map.get(id);
  if (found === undefined) throw new SnapshotRefusedError(`the snapshot names ${what} ${id} but does not hold it`);
  return found;
}

/** Header values are ASCII: anything else is percent-encoded. */
const toHeaderText = (text: string): string => (/^[\x20-\x24\x26-\x7e]*$/.test(text) ? text : encodeURIComponent(text));

function openOrWarn(building: Building, sealed: string, place: string, what: string): string | null {
  try {
    return openSecret(building.keks, sealed, place);
  } catch (error) {
    building.warnings.push(`${what}: ${error instanceof Error ? error.message : "cannot be opened"}`);
    return null;
  }
}

function buildMetrics(backend: GatewayBackend, url: URL, privateHosts: readonly string[]): RuntimeBackend["metrics"] {
  const { metrics } = backend;
  if (metrics === undefined) {
    const { metrics: path } = toBackendPaths(backend, url);
    return path === null ? null : { origin: url.origin, path, allowPrivate: backend.privateAllowed || isListedHost(url, privateHosts) };
  }
  const own = new URL(metrics.url);
  if (own.protocol !== "http:" && own.protocol !== "https:")
    throw new SnapshotRefusedError(`the metrics of backend ${backend.id} have no http address`);
  return { origin: own.origin, path: own.pathname, allowPrivate: metrics.privateAllowed || isListedHost(own, privateHosts) };
}

/** A backend with the time limits that a release calls it with. */
function buildBackend(
  building: Building,
  given: GatewayBackend,
  { projectId, calls }: { projectId: string; calls: CallSettings },
): RuntimeBackend {
  const { maxAttempts: _, queue: __, ...limits } = calls;
  const backend = { ...given, ...limits };
  const { connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs, totalTimeoutMs, answerTimeoutMs = totalTimeoutMs } = backend;
  const key = [backend.id, connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs, totalTimeoutMs, answerTimeoutMs].join(" ");
  const known = building.backends.get(key);
  if (known !== undefined) return known;
  const url = new URL(backend.baseUrl);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new SnapshotRefusedError(`backend ${backend.id} has no http address`);
  const apiKey =
    backend.apiKey === null
      ? null
      : openOrWarn(building, backend.apiKey, secretPlace.backendKey(projectId, backend.backendId), `the key of backend ${backend.id}`);
  const paths = toBackendPaths(backend, url);
  const built: RuntimeBackend = {
    id: backend.id,
    backendId: backend.backendId,
    name: backend.name,
    kind: backend.kind,
    origin: url.origin,
    paths,
    simulated: backend.simulated,
    asksStreams: backend.kind === "llamacpp",
    healthPath: paths.health,
    metrics: buildMetrics(backend, url, building.privateHosts),
    capacity: backend.capacity ?? null,
    servedModel: backend.servedModel,
    apiKey,
    unusable: backend.apiKey !== null && apiKey === null ? "its stored key cannot be opened by this gateway" : null,
    allowPrivate: backend.privateAllowed || isListedHost(url, building.privateHosts),
    connectTimeoutMs,
    firstByteTimeoutMs,
    idleTimeoutMs,
    totalTimeoutMs,
    answerTimeoutMs,
  };
  building.backends.set(key, built);
  return built;
}

function buildPrompt(prompt: GatewayPrompt): RuntimePrompt {
  const declared = new Set(prompt.variables.map((v) => v.name));
  const messages = prompt.messages.map((m) => ({ role: m.role, template: parseTemplate(m.content) }));
  const missing = messages.flatMap((m) => m.template.names).find((name) => !declared.has(name));
  if (missing !== undefined) throw new SnapshotRefusedError(`prompt version ${prompt.versionId} uses the undeclared variable ${missing}`);
  return { versionId: prompt.versionId, kind: prompt.kind, messages, variables: prompt.variables };
}

function buildPrice(price: GatewayPrice): RuntimePrice {
  const [input, output] = [parseUsd(price.inputUsd), parseUsd(price.outputUsd)];
  if (input < 0n || output < 0n) throw new SnapshotRefusedError(`price ${price.id} is below 0`);
  return { id: price.id, input, output, cachedInput: null, perTokens: price.perTokens };
}

interface VariantPlace {
  readonly endpoint: GatewayEndpoint;
  readonly release: GatewayRelease;
  readonly backends: ReadonlyMap<string, GatewayBackend>;
  readonly prompts: ReadonlyMap<string, GatewayPrompt>;
}

const toFixed = (entries: Iterable<readonly [string, unknown]>) =>
  new Map([...entries].map(([name, value]) => [name, { value, json: JSON.stringify(value) }]));

function buildVariant(building: Building, variant: GatewayVariant, place: VariantPlace): RuntimeVariant {
  const { endpoint, release } = place;
  const prompt = variant.promptId === null ? null : need(place.prompts, variant.promptId, "prompt");
  const callee = { projectId: endpoint.projectId, calls: release.calls ?? {} };
  const backends = variant.backendIds.map((id) => buildBackend(building, need(place.backends, id, "backend"), callee));
  const fixed = new Map<string, unknown>([...Object.entries(prompt?.parameters ?? {}), ...Object.entries(variant.parameters)]);
  return {
    id: variant.id,
    name: variant.name,
    modelVersionId: variant.modelVersionId,
    backends: backends.filter((b) => b.unusable === null),
    balancing: variant.balancing ?? "round_robin",
    weights: backends.flatMap((b, i) => (b.unusable === null ? [variant.backendWeights?.[i] ?? 1] : [])),
    turns: { next: 0 },
    maxInputTokens: variant.maxInputTokens ?? null,
    fallbacks: (variant.fallbacks ?? []).map(({ variantId, on }) => ({ variantId, on: new Set(on) })),
    unusable: backends.filter((b) => b.unusable !== null),
    prompt: variant.promptId === null ? null : need(building.prompts, variant.promptId, "prompt"),
    fixed: toFixed(fixed),
    ownFixed: toFixed(Object.entries(variant.parameters)),
    model: { name: variant.modelName, number: variant.modelVersionNumber },
    price: variant.price === null ? null : buildPrice(variant.price),
    headers: [
      ["x-switchyard-endpoint", endpoint.name],
      ["x-switchyard-release", String(release.number)],
      ["x-switchyard-variant", variant.name],
      ["x-switchyard-model-version", `${variant.modelName}@${variant.modelVersionNumber}`],
      ...(prompt === null ? [] : [["x-switchyard-prompt-version", `${prompt.name}@${prompt.number}`]]),
    ].flatMap(([name = "", value = ""]) => [name, toHeaderText(value)]),
  };
}

function buildRelease(building: Building, release: GatewayRelease, place: Omit<VariantPlace, "release">): RuntimeRelease {
  const weightsBps = release.variants.map((v) => v.weightBps);
  if (weightsBps.reduce((sum, w) => sum + w, 0) !== 10_000)
    throw new SnapshotRefusedError(`the variants of release ${release.id} do not sum to 10,000 basis points`);
  byId("variants", release.variants);
  return {
    id: release.id,
    number: release.number,
    maxOutputTokens: release.maxOutputTokens,
    // What a backend answered is repeated only where somebody wants that: it hides the failure from whoever judges the release.
    retries: {
      maxAttempts: release.calls?.maxAttempts ?? DEFAULT_CALLS.maxAttempts,
      repeatsTaken: release.calls?.maxAttempts !== undefined,
    },
    cache: release.cache === undefined ? null : { ...release.cache, onFailure: new Set(release.cache.onFailure) },
    queue: release.calls?.queue ?? DEFAULT_CALLS.queue,
    weightsBps,
    variants: release.variants.map((v) => buildVariant(building, v, { ...place, release })),
  };
}

function buildGate({ layer }: GatewayEndpoint, releases: ReadonlyMap<string, RuntimeRelease>): RuntimeEndpoint["gate"] {
  if (layer === undefined) return null;
  const release = need(releases, layer.outsideReleaseId, "release");
  const outside = { name: "steady", release, variant: null, rolloutId: null, experimentId: null, deadman: null };
  return { salt: layer.salt, holds: toGateTable(layer.ranges), outside };
}

function buildEndpoint(building: Building, endpoint: GatewayEndpoint, place: Omit<VariantPlace, "release" | "endpoint">): RuntimeEndpoint {
  byId("releases", endpoint.releases);
  const releases = new Map(endpoint.releases.map((r) => [r.id, buildRelease(building, r, { ...place, endpoint })]));
  const arms = endpoint.arms.map((arm): RuntimeArm => {
    const release = need(releases, arm.releaseId, "release");
    const variant = arm.variantId === null ? null : need(new Map(release.variants.map((v) => [v.id, v])), arm.variantId, "variant");
    return {
      name: arm.name,
      release,
      variant,
      rolloutId: arm.rolloutId,
      experimentId: arm.experimentId,
      deadman: arm.deadman === null ? null : { afterMs: arm.deadman.afterMs, release: need(releases, arm.deadman.releaseId, "release") },
    };
  });
  const variables = [...releases.values()].flatMap((r) => r.variants.flatMap((v) => v.prompt?.variables ?? []));
  return {
    id: endpoint.id,
    name: endpoint.name,
    team: endpoint.team,
    direct: null,
    createdSeconds: Math.floor((timeOfId(endpoint.id) ?? Date.parse(building.config.compiledAt)) / 1_000),
    salt: endpoint.salt,
    arms,
    armOfBucket: arms.length === 0 ? new Uint16Array(10_000) : toArmTable(endpoint.arms.map((a) => a.ranges)),
    gate: buildGate(endpoint, releases),
    variableNames: new Set(variables.map((v) => v.name)),
    budgets: findBudgets(building, endpoint),
    limits: endpoint.limits ?? null,
    cachePurges: endpoint.cachePurges ?? 0,
    capture: endpoint.capture ?? null,
  };
}

function findBudgets({ config }: Building, endpoint: Pick<GatewayEndpoint, "id" | "projectId" | "environment">) {
  return config.budgets.filter(
    (b) =>
      b.projectId === endpoint.projectId &&
      (b.endpointId === null || b.endpointId === endpoint.id) &&
      (b.environment === null || b.environment === endpoint.environment),
  );
}

/** Every bucket is the first arm's. */
const ONE_ARM = new Uint16Array(10_000);
/** A backend that is asked by itself has no release that says how long its answers may be. */
const DIRECT_MAX_OUTPUT_TOKENS = 4_096;

/** An endpoint that nobody made: one variant, served by this backend alone. Its name is none that an endpoint can have. */
function buildDirect(building: Building, direct: GatewayDirectBackend, place: Omit<VariantPlace, "release" | "endpoint">): RuntimeEndpoint {
  const { backendId: id, projectId, environment, revisionId, price } = direct;
  const name = `backend/${need(place.backends, revisionId, "backend").name}`;
  const endpoint: GatewayEndpoint = { id, projectId, environment, name, team: null, salt: "", releases: [], arms: [] };
  const variant: GatewayVariant = {
    id,
    name: "direct",
    weightBps: 10_000,
    modelVersionId: direct.modelVersionId ?? "",
    modelName: direct.modelName ?? "",
    modelVersionNumber: direct.modelVersionNumber ?? 0,
    backendIds: [revisionId],
    promptId: null,
    parameters: {},
    price,
  };
  const release = { id, number: 0, digest: "", variants: [variant], maxOutputTokens: DIRECT_MAX_OUTPUT_TOKENS };
  const arm = { name, release: buildRelease(building, release, { ...place, endpoint }), variant: null, deadman: null };
  return {
    ...{ id, name, team: null, direct, createdSeconds: 0, salt: "" },
    arms: [{ ...arm, rolloutId: null, experimentId: null }],
    armOfBucket: ONE_ARM,
    gate: null,
    variableNames: new Set(),
    budgets: findBudgets(building, endpoint),
    limits: null,
    cachePurges: 0,
    capture: null,
  };
}

function buildScopes(
  building: Building,
  projects: ReadonlyMap<string, RuntimeProject>,
): { scopeOf: (projectId: string, environment: string) => RuntimeScope; internalTargets: ReadonlyMap<string, RuntimeTarget> } {
  const scopes = new Map<string, { project: RuntimeProject; environment: string; endpoints: Map<string, RuntimeEndpoint> }>();
  const scopeOf = (projectId: string, environment: string) => {
    const id = JSON.stringify([projectId, environment]);
    const scope = scopes.get(id) ?? { project: need(projects, projectId, "project"), environment, endpoints: new Map() };
    scopes.set(id, scope);
    return scope;
  };
  const { config } = building;
  const internalTargets = new Map<string, RuntimeTarget>();
  const place = { backends: byId("backends", config.backends), prompts: new Map(config.prompts.map((p) => [p.id, p])) };
  for (const endpoint of config.endpoints) {
    const scope = scopeOf(endpoint.projectId, endpoint.environment);
    if (scope.endpoints.has(endpoint.name)) throw new SnapshotRefusedError(`endpoint ${endpoint.name} stands twice in one environment`);
    const built = buildEndpoint(building, endpoint, place);
    scope.endpoints.set(endpoint.name, built);
    internalTargets.set(endpoint.id, { scope, endpoint: built });
  }
  for (const direct of config.directBackends) {
    const scope = scopeOf(direct.projectId, direct.environment);
    internalTargets.set(direct.backendId, { scope, endpoint: buildDirect(building, direct, place) });
  }
  return { scopeOf, internalTargets };
}

function build(config: GatewayConfig, options: BuildOptions): RuntimeConfig {
  const building: Building = {
    ...options,
    config,
    warnings: [],
    backends: new Map(),
    prompts: new Map(config.prompts.map((p) => [p.id, buildPrompt(p)])),
  };
  byId("endpoints", config.endpoints);
  byId("projects", config.projects);
  const labelled = indexLabelledPrompts(config.labelledPrompts);
  const projects = new Map(
    config.projects.map((p): [string, RuntimeProject] => {
      const subjectKey = openOrWarn(building, p.subjectKey, secretPlace.subjectKey(p.id), `the subject key of project ${p.slug}`);
      return [p.id, { id: p.id, slug: p.slug, subjectKey, prompts: labelled.get(p.id) ?? new Map() }];
    }),
  );
  const { scopeOf, internalTargets } = buildScopes(building, projects);
  const keyByHash = new Map(
    config.keys.map((k): [string, RuntimeKey] => [
      k.hash,
      {
        id: k.id,
        team: k.team,
        expiresAtMs: k.expiresAt === null ? null : Date.parse(k.expiresAt),
        limits: k.limits ?? null,
        scope: scopeOf(k.projectId, k.environment),
      },
    ]),
  );
  return {
    epoch: config.epoch,
    generation: config.generation,
    compiledAtMs: Date.parse(config.compiledAt),
    keyByHash,
    internalTargets,
    backends: [...building.backends.values()],
    endpointCount: config.endpoints.length,
    warnings: [...new Set(building.warnings)],
  };
}

/**
 * Indexes a verified snapshot. A secret that cannot be opened degrades only what needs it (see RuntimeConfig.warnings); anything that
 * does not fit together refuses the whole.
 * @throws SnapshotRefusedError
 */
export function buildRuntime(config: GatewayConfig, options: BuildOptions): RuntimeConfig {
  try {
    return build(config, options);
  } catch (error) {
    if (error instanceof SnapshotRefusedError) throw error;
    throw new SnapshotRefusedError(`the snapshot does not fit together: ${error instanceof Error ? error.message : error}`);
  }
}
