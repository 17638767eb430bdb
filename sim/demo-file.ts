import { readFileSync } from "node:fs";
import { z } from "zod";

/** What the demo's seed leaves in the data folder for this process: who it is and what it shall set going. */
export const DemoFile = z.looseObject({
  gatewayKey: z.string(),
  apiToken: z.string(),
  /** Rollouts to start once traffic flows, in this order, unless their endpoint has had one. */
  rollouts: z.array(z.strictObject({ endpoint: z.string(), release: z.int(), reason: z.string(), plan: z.json() })),
  /** Experiments to draft and start likewise. */
  experiments: z
    .array(z.strictObject({ draft: z.looseObject({ endpoint: z.string(), name: z.string() }), reason: z.string() }))
    .default([]),
  /** Drift monitors to create once the reference window's traffic has come, each over a window that begins `afterSeconds` from the start. */
  driftMonitors: z
    .array(
      z.strictObject({
        monitor: z.looseObject({ endpoint: z.string(), name: z.string(), currentMinutes: z.int() }),
        reference: z.strictObject({ afterSeconds: z.number(), seconds: z.number() }),
      }),
    )
    .default([]),
  load: z.strictObject({ requestsPerSecond: z.number().positive(), maxInFlight: z.int().positive(), endpoints: z.array(z.json()) }),
});
export type DemoFile = z.infer<typeof DemoFile>;

export function readDemoFile(file: string): DemoFile {
  return DemoFile.parse(JSON.parse(readFileSync(file, "utf8")));
}
