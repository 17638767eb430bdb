import type { Metadata } from "next";
import { ReportPage } from "@/components/drift/report-page";
import { getRequestWords } from "@/components/shell/locale";
import { getDriftReport } from "@/lib/domain/drift";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../../page-scope";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).drift.title };
}

export default async function DriftReportRoute(props: PageProps<"report">) {
  const page = await openPage(props);
  const report = await readForPage(getDriftReport, page.actor, { params: { id: page.names.report } });
  return (
    <ReportPage
      scope={{ ...toScope(page), environment: report.content.endpoint.environment }}
      report={report}
      isDemo={page.project.isDemo}
    />
  );
}
