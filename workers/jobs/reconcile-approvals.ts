import { reconcileApprovals } from "@/lib/domain/approvals";

export async function reconcileApprovalsJob(): Promise<void> {
  await reconcileApprovals();
}
