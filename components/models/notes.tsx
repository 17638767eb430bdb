import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { isCheapMarkdown } from "@/lib/core/markdown-cost";

/**
 * Markdown that a user wrote. Raw HTML is text here, images are not loaded (they would tell a stranger who reads), and links go to http,
 * https and mailto only, which is react-markdown's own rule. Drawn on the server: the browser gets no parser, and what would keep a
 * parser busy for seconds stands there as plain text.
 */
export function Notes({ source }: { source: string }) {
  if (!isCheapMarkdown(source)) return <p className="max-w-[84ch] text-body text-ink-2 whitespace-pre-wrap wrap-anywhere">{source}</p>;
  return (
    <div className="grid max-w-[84ch] gap-3 text-body text-ink-2 wrap-anywhere [&_a]:link [&_code]:rounded-mark [&_code]:bg-sunken [&_code]:px-1 [&_code]:font-mono [&_code]:text-[0.92em] [&_h3]:mt-2 [&_h3]:font-semibold [&_h3]:text-ink [&_ol]:list-decimal [&_ol]:pl-5 [&_pre]:overflow-x-auto [&_pre]:rounded-control [&_pre]:border [&_pre]:border-line [&_pre]:bg-sunken [&_pre]:p-3 [&_table]:block [&_table]:overflow-x-auto [&_td]:border [&_td]:border-line [&_td]:px-2 [&_td]:py-1 [&_th]:border [&_th]:border-line [&_th]:px-2 [&_th]:py-1 [&_th]:text-left [&_ul]:list-disc [&_ul]:pl-5">
      <Markdown
        remarkPlugins={[remarkGfm]}
        disallowedElements={["img"]}
        components={{
          // The page has its own h1 and h2.
          h1: "h3",
          h2: "h3",
          a: ({ href, children }) => (
            <a href={href} rel="noreferrer noopener nofollow" target="_blank">
              {children}
            </a>
          ),
        }}
      >
        {source}
      </Markdown>
    </div>
  );
}
