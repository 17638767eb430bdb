export { breakGlass, decideApproval, reviewBreakGlass } from "./decide-approval";
export { consumeApproval, endStaleApprovals } from "./end-approval";
export { type ApprovalKind, type Described, type Execution, type Maker, provideApprovalKinds } from "./kinds";
export { getApprovalPolicy, getProtectedNames, listApprovalPolicies, putApprovalPolicy, putProtectedNames } from "./manage-policies";
export { reconcileApprovals } from "./reconcile-approvals";
export {
  attachEvidence,
  cancelApproval,
  countToDecide,
  getApproval,
  listApprovals,
  listUnreviewed,
  requestApproval,
} from "./request-approval";
export { findNewestRequest, findPolicyEnvironment, isGuarded, lockSubject, lockSubjectsOf } from "./store";
