import { endpoint } from "@/lib/contracts/endpoint";
import { ExperimentParams } from "./experiment-params";
import { ExperimentSegments } from "./segments";

export const getExperimentSegments = endpoint({
  id: "getExperimentSegments",
  method: "GET",
  path: "/experiments/{id}/segments",
  tag: "Experiments",
  summary: "The effect within parts of the traffic",
  description:
    "By gateway key, team, operation, streaming, weekday and new or returning subject. Dimensions that the plan declares are tested and corrected together; the others are exploratory. Nothing of it changes the verdict.",
  access: "experiment:read",
  params: ExperimentParams,
  returns: ExperimentSegments,
  errors: ["not_found"],
});
