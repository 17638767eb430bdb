export { changeDriftMonitor, createDriftMonitor, deleteDriftMonitor, getDriftMonitor, listDriftMonitors } from "./manage-monitors";
export { type DriftTools, runDriftMonitor } from "./run-monitor";
export { scheduleDriftRuns } from "./schedule-runs";
export { getDriftReport, listDriftReports, listDriftRuns, startDriftRun } from "./start-run";
