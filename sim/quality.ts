import { drawNormal } from "@/lib/core/prng";
import { prngFor } from "./prng";

export type QualityInput = {
  /** The served model name. */
  model: string;
  /** The text of the last user message (or the prompt): what a template of the gateway leaves as it was. */
  question: string;
  seed: number;
  quality: { mean: number; spread: number };
};

/**
 * The latent quality of the simulated answer to a question, 0..1. It is in no response, as with a real backend; the
 * load generator computes the same number and turns it into a score. Normal around the profile's mean, clamped to 0..1.
 */
export function latentQuality({ model, question, seed, quality }: QualityInput): number {
  const drawn = drawNormal(prngFor(seed, model, "quality", question), quality.mean, quality.spread);
  return Math.min(1, Math.max(0, drawn));
}
