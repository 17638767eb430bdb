import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { GatewayConfig } from "@/lib/contracts/gateway-config";
import { SpooledEvent, UsageEvent } from "@/lib/contracts/gateway-event";
import { createLogger } from "@/lib/infra/logger";
import { SpoolReader } from "../events/spool-reader";
import { type Gateway, type GatewayOptions, startGateway } from "../server";
import { createTestInstallation, type TestInstallation } from "./test-installation";

export interface TestGateway extends Gateway {
  readonly installation: TestInstallation;
  readonly dataDir: string;
  /** Serves another snapshot; resolves when it is in effect. @throws when it was refused */
  serve(config: GatewayConfig): Promise<void>;
  /** Every event in the spool that is not acknowledged, in order. */
  events(): Promise<UsageEvent[]>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

/** What tests set of a gateway; the rest has small, quiet values. */
export type TestGatewayOptions = Partial<GatewayOptions> & { readonly installation?: TestInstallation; readonly config?: GatewayConfig };

export function createDataDir(): string {
  return mkdtempSync(path.join(tmpdir(), "switchyard-gateway-"));
}

/** A gateway in this process, on a free port, with a data folder of its own and without Redis unless a URL is given. */
export async function startTestGateway({
  installation = createTestInstallation(),
  config,
  ...options
}: TestGatewayOptions = {}): Promise<TestGateway> {
  const dataDir = options.dataDir ?? createDataDir();
  const gateway = await startGateway({
    port: 0,
    host: "127.0.0.1",
    dataDir,
    gatewayId: "test",
    redisUrl: null,
    web: null,
    keks: [installation.kekBase64],
    publicKeys: [installation.publicKey],
    internalPublicKeys: [installation.internalPublicKey],
    privateHosts: [],
    // Tests count what their backends are asked.
    probeEveryMs: 0,
    spoolMaxBytes: 64 * 1024 * 1024,
    version: "0.0.0-test",
    logger: createLogger("gateway-test", "silent"),
    ...options,
  });
  const serve = async (next: GatewayConfig) => {
    const result = await gateway.config.offer(installation.signText(next), "redis");
    if (result !== "served") throw new Error(`the snapshot was not served: ${result}, ${gateway.config.alarm}`);
  };
  if (config !== undefined) await serve(config);
  return {
    ...gateway,
    installation,
    dataDir,
    serve,
    async events() {
      await gateway.spool.flush();
      return readEvents(gateway.spool);
    },
    async remove() {
      await gateway.close(0);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** As a gateway writes it: nothing that the contract does not name. */
const WrittenEvent = SpooledEvent.extend({ event: UsageEvent.strict() }).strict();

export async function readEvents(spool: Gateway["spool"]): Promise<UsageEvent[]> {
  const reader = new SpoolReader(spool);
  const events: UsageEvent[] = [];
  for (let batch = await reader.next(1_000); batch !== null; batch = await reader.next(1_000))
    events.push(...batch.payloads.map((payload) => WrittenEvent.parse(JSON.parse(payload.toString("utf8"))).event));
  await reader.close();
  return events;
}
