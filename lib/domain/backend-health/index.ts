import { sweepBackendReports } from "./store";

export { getBackendHealth, listBackendHealth } from "./read-health";
export { saveBackendReports } from "./store";

/** As long as minute rollups of usage. */
const MINUTE_DAYS = 14;

export function maintainBackendHealth(): Promise<void> {
  return sweepBackendReports(MINUTE_DAYS);
}
