import { z } from "zod";
import type { BackendContext } from "./backend-context";
import { ProfileError, patchProfile } from "./profiles";
import { ApiError, parseRequest } from "./protocol";

const PatchRequest = z.strictObject({
  /** A served name, or `*` for all. */
  model: z.string().min(1),
  patch: z.record(z.string(), z.unknown()),
  /** True: a name that is not served yet is added, with defaults for what the patch leaves out. */
  create: z.boolean().default(false),
});

/** POST /sim/profiles: changes behaviour at run time; requests under way keep their length and fate. */
export function patchProfiles(context: BackendContext, body: unknown): unknown {
  const { model: name, patch, create } = parseRequest(PatchRequest, body);
  const targets = name === "*" ? [...context.models.values()] : [context.models.get(name)].filter((model) => model !== undefined);
  try {
    if (targets.length === 0) {
      if (!create) throw new ApiError(404, `The model \`${name}\` does not exist; send "create": true to add it.`, { param: "model" });
      if (!/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/.test(name)) throw new ApiError(400, "Invalid model name", { param: "model" });
      context.addModel(name, patchProfile(undefined, patch));
    }
    // All patches are checked before one is set, or a refused call would leave half of them behind.
    const next = targets.map((model) => ({ model, profile: patchProfile(model.profile(), patch) }));
    for (const { model, profile } of next) model.setProfile(profile, "warmUpSeconds" in patch);
  } catch (error) {
    if (error instanceof ProfileError) throw new ApiError(400, `Invalid patch: ${error.problems.join("; ")}`, { param: "patch" });
    throw error;
  }
  return { profiles: profilesOf(context) };
}

/** GET /sim/state: profiles, counts and what was truly served, `?after=<sequence>&limit=` (default 1000) of the ledger. */
export function simState(context: BackendContext, query: URLSearchParams): unknown {
  const after = wholeNumber(query, "after", 0);
  const limit = wholeNumber(query, "limit", 1000);
  const models = Object.fromEntries(
    Array.from(context.models.values(), (model) => [
      model.name,
      {
        ...model.counts,
        running: model.engine.running(),
        waiting: model.engine.waiting(),
        kvUsage: model.engine.kvUsage(),
        warmUpLeftSeconds: model.warmUpLeft(),
        profile: model.profile(),
      },
    ]),
  );
  return {
    simulated: true,
    seed: context.seed,
    models,
    ledger: context.ledger.list(after, limit),
    ledgerDropped: context.ledger.dropped(),
  };
}

function profilesOf({ models }: BackendContext) {
  return Object.fromEntries(Array.from(models.values(), (model) => [model.name, model.profile()]));
}

function wholeNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new ApiError(400, `${name} must be a whole number`, { param: name });
  return value;
}
