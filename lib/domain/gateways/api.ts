import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { SpoolReport } from "@/lib/contracts/gateway-event";
import { Instant } from "@/lib/contracts/page";

export const GatewayState = z.strictObject({
  id: z.string(),
  address: z.string(),
  version: z.string(),
  startedAt: Instant,
  /** live: heard in the last 10 s · silent: what it serves is not known · gone: its canaries have fallen back by themselves */
  state: z.enum(["live", "silent", "gone"]),
  heardSecondsAgo: z.number(),
  epoch: z.int(),
  generation: z.int(),
  /** Serves the newest configuration. */
  isCurrent: z.boolean(),
  inFlight: z.int(),
  spoolRecords: z.int(),
  spoolBytes: z.int(),
  /** Its own judgement of its spool; null: it does not say. */
  spool: SpoolReport.nullable(),
  /** Why it refused a newer snapshot; null when all is well. */
  snapshotAlarm: z.string().nullable(),
  /** When that refusal was first heard. */
  snapshotAlarmSince: Instant.nullable(),
  /** When the oldest configuration was published that it does not have yet, of the newest 20; null when it has the newest. */
  behindSince: Instant.nullable(),
  /** How many of the newest 20 configurations it does not have. */
  behindBy: z.int(),
});
export type GatewayState = z.infer<typeof GatewayState>;

export const listGateways = endpoint({
  id: "listGateways",
  method: "GET",
  path: "/gateways",
  tag: "Gateways",
  summary: "The installation's gateways and the configuration that each serves",
  access: "usage:read",
  returns: z.strictObject({
    newest: z.strictObject({ epoch: z.int(), generation: z.int(), publishedAt: Instant }).nullable(),
    items: z.array(GatewayState),
    nextCursor: z.null(),
  }),
});

export const GATEWAY_ENDPOINTS = [listGateways] as const;
