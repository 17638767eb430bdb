import type { Prisma } from "@/generated/prisma/client";
import type { CacheSettings } from "@/lib/contracts/cache";
import { CaptureSettings } from "@/lib/contracts/content";
import {
  type CallSettings,
  DEFAULT_CALLS,
  type GatewayBackend,
  type GatewayConfig,
  type GatewayEndpoint,
  type GatewayPrice,
  type GatewayPrompt,
  type GatewayRelease,
  type GatewayVariant,
} from "@/lib/contracts/gateway-config";
import { toGatewayLimits } from "@/lib/contracts/rate-limits";
import { toCanonicalJson } from "@/lib/core/canonical";
import { db, type Reader, type Tx } from "@/lib/infra/db";
import { isListedHost } from "@/lib/infra/http-client";
import { sha256Hex } from "@/lib/infra/secrets";
import { listLabelledPrompts } from "../prompts";
import { type Move, releasesOfMove } from "./rules/compile-config";
import { findDirectModel } from "./rules/direct-model";

const KEPT = 20;

const WITH_BACKEND = { backend: { include: { currentRevision: { select: { baseUrl: true } } } } } satisfies Prisma.BackendRevisionInclude;
const WITH_PARTS = {
  variants: {
    orderBy: { position: "asc" },
    include: {
      modelVersion: { include: { model: { select: { id: true, name: true } } } },
      promptVersion: { include: { prompt: { select: { name: true } } } },
      backends: {
        orderBy: { position: "asc" },
        include: { backendRevision: { include: WITH_BACKEND } },
      },
    },
  },
} satisfies Prisma.ReleaseInclude;
type ReleaseRow = Prisma.ReleaseGetPayload<{ include: typeof WITH_PARTS }>;
type RevisionRow = ReleaseRow["variants"][number]["backends"][number]["backendRevision"];

const { maxAttempts: _, queue: __, ...TIMEOUTS } = DEFAULT_CALLS;

function toBackend(row: RevisionRow, privateHosts: readonly string[]): GatewayBackend {
  const { backend } = row;
  // A key belongs to the origin that it was entered for: an older revision that names another goes without.
  const current = backend.currentRevision?.baseUrl;
  const sameOrigin = current !== undefined && new URL(current).origin === new URL(row.baseUrl).origin;
  return {
    id: row.id,
    backendId: backend.id,
    name: backend.name,
    kind: row.kind as GatewayBackend["kind"],
    baseUrl: row.baseUrl,
    servedModel: row.servedModel,
    apiKey: sameOrigin ? backend.apiKeySealed : null,
    privateAllowed: isListedHost(new URL(row.baseUrl), privateHosts),
    simulated: row.kind === "simulated",
    ...(backend.capacity === null ? {} : { capacity: backend.capacity }),
    ...(backend.metricsUrl === null || !sameOrigin
      ? {}
      : { metrics: { url: backend.metricsUrl, privateAllowed: isListedHost(new URL(backend.metricsUrl), privateHosts) } }),
    ...TIMEOUTS,
  };
}

type VariantRow = ReleaseRow["variants"][number];
/** Written by the endpoints domain only, out of what the prompts domain composed. */
const composedOf = (variant: VariantRow) => variant.composedPrompt as Pick<GatewayPrompt, "messages" | "variables"> | null;

/** Text that other prompts stand in belongs to the one variant that it was composed for. */
const toPromptId = (variant: VariantRow) => (variant.composedPrompt === null ? variant.promptVersionId : variant.id);

function toPrompt(variant: VariantRow, row: NonNullable<VariantRow["promptVersion"]>): GatewayPrompt {
  const composed = composedOf(variant);
  return {
    id: toPromptId(variant) ?? row.id,
    versionId: row.id,
    name: row.prompt.name,
    number: row.number,
    kind: row.kind as GatewayPrompt["kind"],
    // Written by the prompts domain only, through schemas that are as strict as the snapshot's.
    messages: composed?.messages ?? (row.messages as GatewayPrompt["messages"]),
    variables: composed?.variables ?? (row.variables as GatewayPrompt["variables"]),
    parameters: row.parameters as GatewayPrompt["parameters"],
  };
}

/** Fallbacks are named in the release and found by id in the snapshot. */
function toServing(
  row: VariantRow,
  siblings: readonly VariantRow[],
): Pick<GatewayVariant, "balancing" | "backendWeights" | "fallbacks" | "maxInputTokens"> {
  // Written by the endpoints domain only, and checked there.
  const { fallbacks = [], ...spread } = row.serving as Pick<GatewayVariant, "balancing" | "backendWeights" | "maxInputTokens"> & {
    fallbacks?: { variant: string; on: NonNullable<GatewayVariant["fallbacks"]>[number]["on"] }[];
  };
  const steps = fallbacks.flatMap(({ variant, on }) => siblings.filter((s) => s.name === variant).map((s) => ({ variantId: s.id, on })));
  return { ...spread, ...(steps.length === 0 ? {} : { fallbacks: steps }) };
}

function toVariant(row: VariantRow, siblings: readonly VariantRow[], price: GatewayPrice | null): GatewayVariant {
  return {
    id: row.id,
    name: row.name,
    weightBps: row.weightBps,
    modelVersionId: row.modelVersionId,
    modelName: row.modelVersion.model.name,
    modelVersionNumber: row.modelVersion.number,
    backendIds: row.backends.map((b) => b.backendRevisionId),
    promptId: toPromptId(row),
    parameters: row.parameters as GatewayVariant["parameters"],
    price,
    ...toServing(row, siblings),
  };
}

/** Which answers are the same is told by the release's content without its cache. */
function toCache({ cache, content }: ReleaseRow): Pick<GatewayRelease, "cache"> {
  if (cache === null) return {};
  const { cache: _cache, ...rest } = content as Record<string, unknown>;
  // Written by the endpoints domain only, and checked there.
  return { cache: { ...(cache as CacheSettings), space: sha256Hex(toCanonicalJson(rest)) } };
}

/** How long it is kept is the worker's to know, not a gateway's. */
function toCapture(contentCapture: Prisma.JsonValue): Pick<GatewayEndpoint, "capture"> {
  if (contentCapture === null) return {};
  const { retentionDays: _days, ...capture } = CaptureSettings.parse(contentCapture);
  return { capture };
}

/** The price of each model that is valid at `now`: the newest that has begun. */
async function findPrices(tx: Tx, modelIds: readonly string[], now: Date): Promise<Map<string, GatewayPrice>> {
  const rows = await tx.price.findMany({
    where: { modelId: { in: [...modelIds] }, validFrom: { lte: now } },
    orderBy: { validFrom: "asc" },
  });
  return new Map(
    rows.map((r) => [r.modelId, { id: r.id, inputUsd: r.inputUsd.toFixed(), outputUsd: r.outputUsd.toFixed(), perTokens: r.perTokens }]),
  );
}

/** Every backend in use, as it is saved now, and what the releases that are served say about its model. */
async function readDirectBackends(
  tx: Tx,
  releases: readonly ReleaseRow[],
  prices: ReadonlyMap<string, GatewayPrice>,
): Promise<{ revisions: RevisionRow[]; directBackends: GatewayConfig["directBackends"] }> {
  const current = await tx.backendRevision.findMany({
    where: { currentOf: { isNot: null }, backend: { archivedAt: null } },
    include: WITH_BACKEND,
    orderBy: { id: "asc" },
  });
  const variants = releases.flatMap((r) =>
    r.variants.map((v) => ({
      backendIds: v.backends.map((b) => b.backendRevision.backendId),
      modelVersionId: v.modelVersionId,
      modelVersionNumber: v.modelVersion.number,
      modelName: v.modelVersion.model.name,
      price: prices.get(v.modelVersion.model.id) ?? null,
    })),
  );
  const directBackends = current.map(({ id, backend }) => ({
    backendId: backend.id,
    projectId: backend.projectId,
    environment: backend.environmentName,
    revisionId: id,
    ...findDirectModel(backend.id, variants),
  }));
  return { revisions: current, directBackends };
}

const unique = <T>(items: readonly T[], id: (item: T) => string): T[] => [...new Map(items.map((i) => [id(i), i])).values()];

/** Everything that gateways need to know, read in one transaction. */
export async function readConfigRows(
  tx: Tx,
  input: {
    now: Date;
    privateHosts: readonly string[];
    moves: readonly Move[];
    budgets: GatewayConfig["budgets"];
  },
) {
  // One after the other: a transaction has one connection.
  const projects = await tx.project.findMany({ select: { id: true, slug: true, subjectKeySealed: true } });
  const keys = await tx.gatewayKey.findMany({ where: { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: input.now } }] } });
  const endpoints = await tx.endpoint.findMany();
  const releaseIds = [...endpoints.map((e) => e.activeReleaseId), ...input.moves.flatMap(releasesOfMove)].filter((id) => id !== null);
  const releases = await tx.release.findMany({ where: { id: { in: releaseIds } }, include: WITH_PARTS });
  const variants = releases.flatMap((r) => r.variants);
  const prices = await findPrices(
    tx,
    unique(variants, (v) => v.modelVersion.model.id).map((v) => v.modelVersion.model.id),
    input.now,
  );
  const direct = await readDirectBackends(tx, releases, prices);
  const revisions = unique([...variants.flatMap((v) => v.backends.map((b) => b.backendRevision)), ...direct.revisions], (r) => r.id);
  const prompts = unique(
    variants.flatMap((v) => (v.promptVersion === null ? [] : [toPrompt(v, v.promptVersion)])),
    (p) => p.id,
  );
  const labelledPrompts = await listLabelledPrompts(tx);
  return {
    projects: projects.map((p) => ({ id: p.id, slug: p.slug, subjectKey: p.subjectKeySealed })),
    keys: keys.map((k) => ({
      id: k.id,
      projectId: k.projectId,
      environment: k.environmentName,
      hash: k.hash,
      team: k.team,
      expiresAt: k.expiresAt?.toISOString() ?? null,
      limits: toGatewayLimits(k),
    })),
    backends: revisions.map((r) => toBackend(r, input.privateHosts)),
    prompts,
    directBackends: direct.directBackends,
    labelledPrompts,
    budgets: [...input.budgets],
    endpoints: endpoints.map((e) => ({
      id: e.id,
      projectId: e.projectId,
      environment: e.environmentName,
      name: e.name,
      team: e.team,
      salt: e.salt,
      limits: toGatewayLimits(e),
      ...(e.cachePurges === 0 ? {} : { cachePurges: e.cachePurges }),
      ...toCapture(e.contentCapture),
      activeReleaseId: e.activeReleaseId,
      releases: releases
        .filter((r) => r.endpointId === e.id)
        .map((r) => ({
          id: r.id,
          number: r.number,
          digest: r.digest,
          maxOutputTokens: r.maxOutputTokens,
          ...(Object.keys(r.calls as object).length === 0 ? {} : { calls: r.calls as CallSettings }),
          ...toCache(r),
          variants: r.variants.map((v) => toVariant(v, r.variants, prices.get(v.modelVersion.model.id) ?? null)),
        })),
    })),
  };
}

export function findNewest(reader: Reader = db().prisma) {
  return reader.snapshot.findFirst({ orderBy: [{ epoch: "desc" }, { generation: "desc" }] });
}

/** The next generation of the present epoch. */
export async function takeGeneration(tx: Tx): Promise<{ epoch: number; generation: number }> {
  const { epoch, generation } = await tx.snapshotCounter.update({ where: { id: 1 }, data: { generation: { increment: 1 } } });
  return { epoch, generation };
}

export async function insertSnapshot(tx: Tx, row: Prisma.SnapshotUncheckedCreateInput): Promise<void> {
  await tx.snapshot.create({ data: row });
  const old = await tx.snapshot.findMany({
    orderBy: [{ epoch: "desc" }, { generation: "desc" }],
    skip: KEPT,
    select: { epoch: true, generation: true },
  });
  if (old.length > 0) await tx.snapshot.deleteMany({ where: { OR: old } });
}

export async function readEpoch(tx: Tx): Promise<number> {
  return (await tx.snapshotCounter.findUniqueOrThrow({ where: { id: 1 } })).epoch;
}

/** The highest epoch that a kept snapshot has or a gateway has said it serves; 0 when neither is known. */
export async function findHighestEpoch(tx: Tx): Promise<number> {
  const [kept, served] = [await tx.snapshot.aggregate({ _max: { epoch: true } }), await tx.gateway.aggregate({ _max: { epoch: true } })];
  return Math.max(kept._max.epoch ?? 0, served._max.epoch ?? 0);
}

export async function saveEpoch(tx: Tx, epoch: number): Promise<void> {
  await tx.snapshotCounter.update({ where: { id: 1 }, data: { epoch, generation: 0 } });
}

export { databaseNow, inTransaction, lockName } from "@/lib/infra/db";
