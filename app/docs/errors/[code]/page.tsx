import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { MarkdownPage } from "@/components/docs/markdown-page";
import { ERRORS } from "@/lib/core/errors";

type Props = { params: Promise<{ code: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).code };
}

/** The page of an error code, from docs/errors. */
export default async function ErrorPage({ params }: Props) {
  const { code } = await params;
  if (!Object.hasOwn(ERRORS, code)) notFound();
  return <MarkdownPage text={await readFile(path.join(process.cwd(), "docs", "errors", `${code}.md`), "utf8")} />;
}
