import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { EnvironmentName, PageQuery, pageOf } from "@/lib/contracts/page";

const LayerHolder = z.strictObject({
  /** By number. */
  experiment: z.int(),
  name: z.string(),
  endpoint: z.string(),
  shareBps: z.int(),
});
export type LayerHolder = z.infer<typeof LayerHolder>;

export const ExperimentLayer = z.strictObject({
  name: z.string(),
  environment: z.string(),
  /** Share that no experiment of it ever gets. */
  holdoutBps: z.int(),
  /** Share that an experiment could start with now. */
  freeBps: z.int(),
  /** Running experiments that have the rest; what they have is free again when they end. */
  held: z.array(LayerHolder),
});
export type ExperimentLayer = z.infer<typeof ExperimentLayer>;

export const listExperimentLayers = endpoint({
  id: "listExperimentLayers",
  method: "GET",
  path: "/experiment-layers",
  tag: "Experiments",
  summary: "Layers of an environment by name, with what is free and who has the rest",
  description:
    "A subject is in at most one of a layer's experiments, whatever endpoints they are of. A layer comes to be with the first experiment that names it.",
  access: "experiment:read",
  query: z.strictObject({ ...PageQuery.shape, environment: EnvironmentName }),
  returns: pageOf(ExperimentLayer),
});
