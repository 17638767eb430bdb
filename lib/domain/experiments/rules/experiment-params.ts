import { z } from "zod";

export const ExperimentParams = z.strictObject({
  /** `exp_…` or the project's experiment number. */
  id: z.string().regex(/^(exp_[0-9a-f]{32}|[1-9]\d{0,8})$/, "is an experiment id or number"),
});
