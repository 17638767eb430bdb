import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { GatewayCache } from "@/lib/contracts/cache";
import {
  CONFIG_SCHEMA_VERSION,
  type GatewayArm,
  type GatewayBackend,
  type GatewayConfig,
  type GatewayEndpoint,
  type GatewayRelease,
  type GatewayVariant,
  type SignedSnapshot,
  SNAPSHOT_SIGNING_DOMAIN,
} from "@/lib/contracts/gateway-config";
import { toId } from "@/lib/core/ids";
import { createKeyText, type Kek, sealSecret, secretPlace, sha256Hex, toKek } from "@/lib/infra/secrets";

export const TEST_PROJECT_ID = "prj_00000000000070008000000000000001";
export const TEST_SUBJECT_KEY = "the-subject-key-of-the-test-project";

export interface TestInstallation {
  readonly kekBase64: string;
  readonly kek: Kek;
  readonly publicKey: string;
  /** The text of the one gateway key. */
  readonly keyText: string;
  sign(config: GatewayConfig): SignedSnapshot;
  signText(config: GatewayConfig): string;
  sealBackendKey(backendId: string, text: string): string;
  /** Public half of what signs internal calls. */
  readonly internalPublicKey: string;
  /** Its private half, PEM. */
  readonly internalKey: string;
  /** A snapshot with one project, one key and these parts. */
  config(parts: Partial<GatewayConfig>): GatewayConfig;
}

/** Keys of an installation of its own, and a compiler of small snapshots for it. */
export function createTestInstallation(): TestInstallation {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const internal = generateKeyPairSync("ed25519");
  const kekBase64 = randomBytes(32).toString("base64");
  const kek = toKek(kekBase64);
  const keyText = createKeyText("sk-sy-");
  const signSnapshot = (config: GatewayConfig): SignedSnapshot => {
    const content = JSON.stringify(config);
    const signature = sign(null, Buffer.from(SNAPSHOT_SIGNING_DOMAIN + content), privateKey).toString("base64");
    return { epoch: config.epoch, generation: config.generation, content, signature };
  };
  return {
    kekBase64,
    kek,
    publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
    keyText,
    internalPublicKey: internal.publicKey.export({ format: "der", type: "spki" }).toString("base64"),
    internalKey: internal.privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    sign: signSnapshot,
    signText: (config) => JSON.stringify(signSnapshot(config)),
    sealBackendKey: (backendId, text) => sealSecret(kek, text, secretPlace.backendKey(TEST_PROJECT_ID, backendId)),
    config: (parts) => ({
      schema: CONFIG_SCHEMA_VERSION,
      epoch: 1,
      generation: 1,
      compiledAt: "2026-11-20T00:00:00.000Z",
      projects: [
        { id: TEST_PROJECT_ID, slug: "test", subjectKey: sealSecret(kek, TEST_SUBJECT_KEY, secretPlace.subjectKey(TEST_PROJECT_ID)) },
      ],
      keys: [
        { id: "gwk_test", projectId: TEST_PROJECT_ID, environment: "production", hash: sha256Hex(keyText), team: null, expiresAt: null },
      ],
      backends: [],
      prompts: [],
      labelledPrompts: [],
      endpoints: [],
      directBackends: [],
      budgets: [],
      ...parts,
    }),
  };
}

let lastId = 0;

export function testBackend(baseUrl: string, parts: Partial<GatewayBackend> = {}): GatewayBackend {
  const id = `bkr_test${++lastId}`;
  return {
    id,
    backendId: `bck_${id}`,
    name: id,
    kind: "simulated",
    baseUrl,
    servedModel: "served-model",
    apiKey: null,
    privateAllowed: true,
    simulated: true,
    connectTimeoutMs: 2_000,
    firstByteTimeoutMs: 2_000,
    idleTimeoutMs: 2_000,
    totalTimeoutMs: 20_000,
    answerTimeoutMs: parts.firstByteTimeoutMs ?? 2_000,
    ...parts,
  };
}

export function testVariant(backendIds: string[], parts: Partial<GatewayVariant> = {}): GatewayVariant {
  const id = `var_test${++lastId}`;
  return {
    id,
    name: "main",
    weightBps: 10_000,
    modelVersionId: "mdv_test",
    modelName: "small",
    modelVersionNumber: 1,
    backendIds,
    promptId: null,
    parameters: {},
    price: { id: "prc_test", inputUsd: "2.50", outputUsd: "10.00", perTokens: 1_000_000 },
    ...parts,
  };
}

export function testRelease(number: number, variants: GatewayVariant[], parts: Partial<GatewayRelease> = {}): GatewayRelease {
  return { id: `rel_test${number}`, number, digest: "0".repeat(64), variants, maxOutputTokens: 256, ...parts };
}

/** A cache that gives and stores, under a space of its own. */
export function testCache(space: string, parts: Partial<GatewayCache> = {}): GatewayCache {
  return {
    mode: "on",
    ttlSeconds: 3_600,
    maxEntryBytes: 262_144,
    scope: "endpoint",
    deterministicOnly: false,
    onFailure: [],
    staleSeconds: 0,
    space: sha256Hex(space),
    ...parts,
  };
}

export function testArm(releaseId: string, ranges: GatewayArm["ranges"], parts: Partial<GatewayArm> = {}): GatewayArm {
  return {
    kind: "steady",
    name: "steady",
    ranges,
    releaseId,
    variantId: null,
    rolloutId: null,
    experimentId: null,
    deadman: null,
    ...parts,
  };
}

/** An endpoint whose first release has all traffic, unless `arms` says otherwise. */
export function testEndpoint(name: string, releases: GatewayRelease[], parts: Partial<GatewayEndpoint> = {}): GatewayEndpoint {
  const [first] = releases;
  return {
    id: toId("endpoint", 1_763_600_000_000, Buffer.from(name.padEnd(10).slice(0, 10))),
    projectId: TEST_PROJECT_ID,
    environment: "production",
    name,
    team: null,
    salt: `salt-${name}`,
    releases,
    arms: first === undefined ? [] : [testArm(first.id, [[0, 10_000]])],
    ...parts,
  };
}

/** One endpoint `chat` before one backend: the smallest thing that answers. */
export function simpleConfig(installation: TestInstallation, baseUrl: string, backend: Partial<GatewayBackend> = {}): GatewayConfig {
  const server = testBackend(baseUrl, backend);
  return installation.config({ backends: [server], endpoints: [testEndpoint("chat", [testRelease(1, [testVariant([server.id])])])] });
}
