/** What was is blue, what is new is orange; further arms and plain series have their own. */
export type SeriesTone = "control" | "treatment" | "c" | "d" | "e" | "f";

export const toneVar: Record<SeriesTone, string> = {
  control: "var(--v-control)",
  treatment: "var(--v-treatment)",
  c: "var(--v-c)",
  d: "var(--v-d)",
  e: "var(--v-e)",
  f: "var(--v-f)",
};

export const toneInkVar: Record<SeriesTone, string> = {
  control: "var(--v-control-ink)",
  treatment: "var(--v-treatment-ink)",
  c: "var(--v-c-ink)",
  d: "var(--v-d-ink)",
  e: "var(--v-e-ink)",
  f: "var(--v-f-ink)",
};

/** The tones in the order in which arms are added. */
export const toneOrder: readonly SeriesTone[] = ["control", "treatment", "c", "d", "e", "f"];
