import path from "node:path";
import { writeAnchors } from "@/lib/domain/audit";
import type { WorkerContext } from "../context";

export async function writeAuditAnchors(_payload: Record<string, never>, { env }: WorkerContext): Promise<void> {
  await writeAnchors({
    directory: path.join(env.SWITCHYARD_DATA_DIR, "audit-anchors"),
    signingKey: env.SWITCHYARD_SIGNING_KEY,
    now: new Date(),
  });
}
