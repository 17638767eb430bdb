import { request } from "undici";
import { z } from "zod";
import type { LoadConfig } from "./load-config";
import { loadProfiles, ModelProfile } from "./profiles";

/** What a served model's quality is drawn from. */
export type Served = { model: string; seed: number; quality: { mean: number; spread: number } };

export type ServedModels = {
  /** Null where the model is not known: then there is nothing to score. */
  find: (model: string) => Served | null;
  close: () => void;
};

const REFRESH_MS = 5000;
const State = z.looseObject({ seed: z.number(), models: z.record(z.string(), z.looseObject({ profile: ModelProfile })) });

/** Knows the profiles behind the gateway: from the profile file, and from running simulators, whose word goes first. */
export async function openServedModels({ profileFile, simUrls }: Pick<LoadConfig, "profileFile" | "simUrls">): Promise<ServedModels> {
  const known = new Map<string, Served>();
  if (profileFile !== null) {
    const file = loadProfiles(profileFile);
    for (const [model, { quality }] of Object.entries(file.models)) known.set(model, { model, seed: file.seed, quality });
  }
  const refresh = async (simUrl: string): Promise<void> => {
    const response = await request(`${simUrl}/sim/state?limit=0`, { signal: AbortSignal.timeout(3000) });
    const state = State.parse(await response.body.json());
    for (const [model, { profile }] of Object.entries(state.models))
      known.set(model, { model, seed: state.seed, quality: profile.quality });
  };
  // A simulator that is away is asked again later; until then its models are as last known, or not scored.
  const refreshAll = () => Promise.allSettled(simUrls.map(refresh));
  await refreshAll();
  const timer = setInterval(refreshAll, REFRESH_MS);
  return { find: (model) => known.get(model) ?? null, close: () => clearInterval(timer) };
}
