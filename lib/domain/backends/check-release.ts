import { openSecret, secretPlace } from "@/lib/infra/secrets";
import { openingKeks, settings } from "../settings";
import type { Backend } from "./api";
import { type Probe, probeBackend } from "./probe-backend";
import { listReleaseBackends, type ReleaseBackend } from "./store";

/** Whether each backend of a release answers, and in words which one does not. */
export interface ReleaseCheck {
  readonly ready: boolean;
  readonly finding: string;
}

/** Some servers have no list of models: any answer that neither asks for another key or address nor reports a fault of the server will do. */
function isReady(probe: Probe): boolean {
  const { status } = probe;
  if (status === null || status >= 500 || probe.servesModel === false) return false;
  return status !== 401 && status !== 403 && (status < 300 || status >= 400);
}

async function probe(backend: ReleaseBackend): Promise<{ name: string; probe: Probe }> {
  const { privateHosts } = settings();
  const place = secretPlace.backendKey(backend.projectId, backend.backendId);
  const apiKey = backend.apiKeySealed === null ? null : openSecret(openingKeks(), backend.apiKeySealed, place);
  return {
    name: backend.name,
    probe: await probeBackend({
      kind: backend.kind as Backend["kind"],
      baseUrl: backend.baseUrl,
      servedModel: backend.servedModel,
      apiKey,
      privateHosts,
    }),
  };
}

/** Connects to every backend of a release, all at once, each with the probe's own bounded time. */
export async function checkRelease(releaseId: string): Promise<ReleaseCheck> {
  const probes = await Promise.all((await listReleaseBackends(releaseId)).map(probe));
  const absent = probes.filter((p) => !isReady(p.probe));
  if (absent.length > 0) return { ready: false, finding: absent.map((p) => `Backend ${p.name}: ${p.probe.finding}`).join(" ") };
  const names = probes.map((p) => p.name).join(", ");
  return { ready: probes.length > 0, finding: `${probes.length === 1 ? "Its backend answers" : "Its backends answer"}: ${names}.` };
}
