import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
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
  /** Why it refused a newer snapshot; null when all is well. */
  snapshotAlarm: z.string().nullable(),
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
    newest: z.strictObject({ epoch: z.int(), generation: z.int() }).nullable(),
    items: z.array(GatewayState),
    nextCursor: z.null(),
  }),
});

export const GATEWAY_ENDPOINTS = [listGateways] as const;
