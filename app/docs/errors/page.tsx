import type { Metadata } from "next";
import Link from "next/link";
import { getLocale, getRequestWords } from "@/components/shell/locale";
import { DataTable } from "@/components/ui/data-table";
import { Page, PageHeader } from "@/components/ui/page-header";
import { ERRORS, type ErrorCode } from "@/lib/core/errors";
import { problemTitle } from "@/lib/core/words";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).docs.errors };
}

const codes = Object.keys(ERRORS) as ErrorCode[];

export default async function ErrorsPage() {
  const [words, locale] = await Promise.all([getRequestWords(), getLocale()]);
  return (
    <main id="main" tabIndex={-1} className="mx-auto max-w-[1000px] outline-none">
      <Page>
        <PageHeader title={words.docs.errors}>{words.docs.errorsAbout}</PageHeader>
        <div className="overflow-hidden rounded-card border border-line bg-surface">
          <DataTable
            caption={words.docs.errors}
            rows={codes}
            rowKey={(code) => code}
            rowHref={(code) => `/docs/errors/${code}`}
            phone="cards"
            columns={[
              { id: "code", head: words.docs.code, phone: "title", cell: (code) => <code className="font-[550]">{code}</code> },
              { id: "status", head: words.docs.status, phone: "corner", align: "right", cell: (code) => ERRORS[code].status },
              { id: "meaning", head: words.docs.meaning, phone: "wide", cell: (code) => problemTitle(locale, code) },
              {
                id: "retry",
                head: words.docs.retry,
                phone: "hidden",
                cell: (code) => (ERRORS[code].retryable ? words.docs.yes : words.docs.no),
              },
            ]}
          />
        </div>
        <p className="text-small text-ink-3">
          <Link href="/docs/api" className="link">
            {words.docs.title}
          </Link>
        </p>
      </Page>
    </main>
  );
}
