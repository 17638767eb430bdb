import type { JobName, JobPayload } from "@/lib/contracts/jobs";
import type { WorkerContext } from "./context";
import { analyseExperimentsJob } from "./jobs/analyse-experiments";
import { maintainPartitions } from "./jobs/maintain-partitions";
import { publishSnapshotJob } from "./jobs/publish-snapshot";
import { readSegmentsJob } from "./jobs/read-segments";
import { reconcileApprovalsJob } from "./jobs/reconcile-approvals";
import { reconcileBudgetsJob } from "./jobs/reconcile-budgets";
import { reconcileRolloutsJob } from "./jobs/reconcile-rollouts";
import { reconcileVerificationsJob } from "./jobs/reconcile-verifications";
import { retireExperimentsJob } from "./jobs/retire-experiments";
import { runDriftMonitorJob } from "./jobs/run-drift-monitor";
import { scheduleDriftRunsJob } from "./jobs/schedule-drift-runs";
import { sweepExpiredJob } from "./jobs/sweep-expired";
import { sweepScoresJob } from "./jobs/sweep-scores";
import { verifyArtifactsJob } from "./jobs/verify-artifacts";
import { writeAuditAnchors } from "./jobs/write-audit-anchors";

/** One handler a job; a missing one does not compile. Each may run twice, late or never. */
export type Handlers = { [N in JobName]: (payload: JobPayload<N>, context: WorkerContext) => Promise<void> };

export const HANDLERS: Handlers = {
  "publish-snapshot": publishSnapshotJob,
  "write-audit-anchors": writeAuditAnchors,
  "reconcile-rollouts": reconcileRolloutsJob,
  "analyse-experiments": analyseExperimentsJob,
  "read-segments": readSegmentsJob,
  "retire-experiments": retireExperimentsJob,
  "sweep-scores": sweepScoresJob,
  "reconcile-budgets": reconcileBudgetsJob,
  "reconcile-approvals": reconcileApprovalsJob,
  "maintain-partitions": maintainPartitions,
  "sweep-expired": sweepExpiredJob,
  "schedule-drift-runs": scheduleDriftRunsJob,
  "run-drift-monitor": runDriftMonitorJob,
  "reconcile-verifications": reconcileVerificationsJob,
  "verify-artifacts": verifyArtifactsJob,
};
