import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { Markdown } from "@/components/docs/markdown";
import { getLocale, getRequestWords } from "@/components/shell/locale";
import { Page, PageHeader } from "@/components/ui/page-header";
import { ERRORS, type ErrorCode } from "@/lib/core/errors";
import { problemTitle } from "@/lib/core/words";

type Props = { params: Promise<{ code: string }> };

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).code };
}

export default async function ErrorCodePage({ params }: Props) {
  const { code } = await params;
  if (!isCode(code)) notFound();
  const [words, locale] = await Promise.all([getRequestWords(), getLocale()]);
  const source = await readFile(path.join(/* turbopackIgnore: true */ process.cwd(), "docs", "errors", `${code}.md`), "utf8");
  return (
    <main id="main" tabIndex={-1} className="mx-auto max-w-[880px] outline-none">
      <Page>
        <PageHeader title={<code className="font-mono tracking-normal">{code}</code>}>{problemTitle(locale, code)}</PageHeader>
        <Markdown source={source} codeLabel={words.docs.example} />
        <p className="text-small">
          <Link href="/docs/errors" className="link">
            {words.docs.allErrors}
          </Link>
        </p>
      </Page>
    </main>
  );
}
