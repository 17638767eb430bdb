import type { Metadata } from "next";
import { VIEWS } from "@/components/approvals/approval-views";
import { ApprovalsPage } from "@/components/approvals/approvals-page";
import { getRequestWords } from "@/components/shell/locale";
import { decideAccess } from "@/lib/core/policy/authorize";
import { listApprovals } from "@/lib/domain/approvals";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../page-scope";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).approvals.title };
}

export default async function ApprovalsRoute(props: PageProps) {
  const page = await openPage(props);
  const mayDecide = decideAccess(page.actor, "approval:decide", { projectId: page.project.id }).allowed;
  const view = VIEWS.find((each) => each === page.one("view")) ?? (mayDecide ? "to_decide" : "open");
  const cursor = page.one("cursor");
  const initial = await readForPage(listApprovals, page.actor, { query: { view: view === "all" ? undefined : view, cursor } });
  return <ApprovalsPage key={`${view} ${cursor}`} scope={toScope(page)} view={view} cursor={cursor} initial={initial} />;
}
