import { ANSWER_FAULTS } from "./answer-faults";
import { CLIENT_FAULTS } from "./client-faults";
import { CONNECTION_FAULTS } from "./connection-faults";
import type { Fault } from "./fault";
import { HTTP_FAULTS } from "./http-faults";

export { type CellResult, runCell } from "./run-cell";

/** The whole matrix, by row. Rows 31 and 33 stand in tests of their own. */
export const FAULTS: readonly Fault[] = [...CONNECTION_FAULTS, ...ANSWER_FAULTS, ...HTTP_FAULTS, ...CLIENT_FAULTS].sort(
  (a, b) => a.row - b.row,
);
