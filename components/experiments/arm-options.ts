import { describeRelease } from "@/components/endpoints/release-changes";
import type { Words } from "@/lib/core/words";
import type { Endpoint, Release } from "@/lib/domain/endpoints/api";
import { armValue } from "./plan-draft";

export interface ArmOption {
  readonly value: string;
  readonly label: string;
  /** `r2`, or `r2, variant short`. */
  readonly name: string;
  readonly release: number;
}

/** What the arms can be: a release by its own split, or one variant where it has several. The control is of the active release. */
export function armOptions(
  { endpoint, releases }: { endpoint: Endpoint; releases: readonly Release[] },
  words: Words,
): { control: ArmOption[]; treatment: ArmOption[] } {
  const all = releases.flatMap((release) => optionsOf(release, words));
  return { control: all.filter((option) => option.release === endpoint.activeRelease?.number), treatment: all };
}

function optionsOf(release: Release, words: Words): ArmOption[] {
  const name = words.endpoints.release({ number: release.number });
  const note = release.note === "" ? "" : ` – ${release.note}`;
  const whole = {
    value: armValue(release.number, null),
    label: `${name}: ${describeRelease(release, words)}${note}`,
    name,
    release: release.number,
  };
  if (release.variants.length < 2) return [whole];
  return [
    { ...whole, label: `${whole.label}, ${words.planForm.ownSplit}` },
    ...release.variants.map((variant) => {
      const own = words.experiments.arm({ release: name, variant: variant.name });
      const model = words.endpoints.version({ name: variant.model.name, number: variant.model.version });
      return { value: armValue(release.number, variant.name), label: `${own}: ${model}`, name: own, release: release.number };
    }),
  ];
}
