import type { Logger } from "@/lib/infra/logger";
import type { Clock } from "./clock";
import type { SpoolFiles } from "./events/spool-files";
import type { BodyLimits } from "./http/read-body";
import type { TracingOptions } from "./tracing/options";

/** All that a gateway is told at its start; nothing reads the environment later. */
export interface GatewayOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  readonly dataDir: string;
  /** null: made once and kept in the data folder. */
  readonly gatewayId: string | null;
  /** null: no announcements, no usage sent, no heartbeats; requests are served and spooled all the same. */
  readonly redisUrl: string | null;
  /** Where snapshots are polled while Redis gives none; null for never. */
  readonly web: { readonly url: string; readonly token: string } | null;
  /** Key-encryption keys, base64, 32 bytes each. */
  readonly keks: readonly string[];
  /** Ed25519 public keys (SPKI, base64), one or two. */
  readonly publicKeys: readonly string[];
  /** Ed25519 public keys (SPKI, base64) of the control plane's own calls; none: such calls are refused. */
  readonly internalPublicKeys: readonly string[];
  /** Private host:port that backends may have, besides what the snapshot allows. */
  readonly privateHosts: readonly string[];
  readonly spoolMaxBytes: number;
  readonly version: string;
  readonly logger: Logger;
  /** null or left out: no traces. */
  readonly tracing?: TracingOptions | null;
  /** Whether callers' baggage goes on to the backends, traced or not; it does when left out. */
  readonly passesBaggage?: boolean | undefined;
  readonly clock?: Clock;
  readonly bodyLimits?: BodyLimits;
  /** A client that takes nothing for this long is cut; 60 s. */
  readonly writeIdleMs?: number;
  /** Between two health checks of one backend, milliseconds; 0 asks none. */
  readonly probeEveryMs: number;
  readonly spoolFiles?: SpoolFiles;
  /** Unheard of for longer, a gateway holds no share of a rate limit any more; 5 s. */
  readonly limitsDeadMs?: number;
  /** What the stored answers of one project may take in Redis; 128 MiB. */
  readonly cacheMaxBytes?: number;
  /** A look-up that Redis has not answered after so long is given up; 4 ms. */
  readonly cacheWaitMs?: number;
}
