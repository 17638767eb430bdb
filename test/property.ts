import fc from "fast-check";

/**
 * fast-check with a seed that is the same in every run: a test that fails today fails tomorrow, and CI never finds a
 * counter-example that nobody's change made. To look for new ones, run with another seed: `PROPERTY_SEED=$RANDOM npm test`.
 */
const seed = Number(process.env.PROPERTY_SEED ?? 20_260_917);
if (!Number.isSafeInteger(seed)) throw new Error("PROPERTY_SEED must be a whole number");
fc.configureGlobal({ seed });

export { fc };
