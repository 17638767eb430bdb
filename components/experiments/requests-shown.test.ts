import { expect, it } from "vitest";
import type { Experiment } from "@/lib/domain/experiments/api";
import { armRequestQueries } from "./requests-shown";

it("the requests of every arm are asked for, however many treatments there are", () => {
  const arm = (key: string) => ({ key, release: { id: "rel", number: 1, digest: "" }, variant: null, shareBps: 2_500 });
  const experiment = {
    number: 91,
    endpoint: { id: "ep", name: "triage", environment: "staging" },
    arms: { control: arm("control"), treatments: ["treatment", "treatment_2", "treatment_3"].map(arm), holdoutBps: 0 },
  } as unknown as Experiment;
  const asked = armRequestQueries(experiment);
  expect(asked.map(([key]) => key)).toEqual(["control", "treatment", "treatment_2", "treatment_3"]);
  for (const [arm, query] of asked) expect(query).toMatchObject({ environment: "staging", experiment: 91, arm });
});
