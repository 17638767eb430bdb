import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { Settings } from "./settings";

/** What scripts/demo-seed.ts leaves in the data folder for people to sign in with. */
const demoFileSchema = z.looseObject({
  signIns: z.array(z.looseObject({ email: z.string(), password: z.string(), role: z.string() })).default([]),
});

function demoLines({ demo, dataFolder }: Settings): string[] {
  const file = path.join(dataFolder, "demo.json");
  if (!demo.seed || !existsSync(file)) return [];
  const { signIns } = demoFileSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  if (signIns.length === 0) return [];
  return ["", "Demo sign-ins", ...signIns.map(({ email, password, role }) => `  ${role.padEnd(10)} ${email}  ${password}`)];
}

/** The lines that say where everything is and how to end it. */
export function summarise(settings: Settings, firstAdmin: string | null): string[] {
  const lines = [
    "Switchyard is ready",
    `  Dashboard  ${settings.webUrl}`,
    `  API        ${settings.webUrl}/docs/api`,
    `  Gateway    ${settings.gatewayUrl}/v1`,
    `  Data       ${settings.dataFolder} (logs in ${path.join(settings.dataFolder, "logs")})`,
    ...demoLines(settings),
  ];
  if (firstAdmin !== null) lines.push("", firstAdmin);
  return lines;
}
