import type { ReactNode } from "react";
import { CodeBlock } from "@/components/ui/code-block";

/** `code` and **bold** inside a line; nothing else of Markdown is used in our own error pages. */
function inline(line: string): ReactNode[] {
  return line.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part, i) => {
    const key = `${i}-${part}`;
    if (part.startsWith("`"))
      return (
        <code key={key} className="font-mono text-small">
          {part.slice(1, -1)}
        </code>
      );
    return part.startsWith("**") ? <b key={key}>{part.slice(2, -2)}</b> : part;
  });
}

function block(text: string): ReactNode {
  if (text.startsWith("```")) return <CodeBlock key={text} label="JSON" code={text.replace(/^```\w*\n|\n```$/g, "")} />;
  if (text.startsWith("## "))
    return (
      <h2 key={text} className="mt-5 mb-1 text-h2 font-semibold">
        {text.slice(3)}
      </h2>
    );
  if (text.startsWith("# "))
    return (
      <h1 key={text} className="mb-2 font-mono text-h1 font-semibold">
        {text.slice(2)}
      </h1>
    );
  return (
    <p key={text} className="max-w-[92ch] text-body text-ink-2">
      {inline(text.replaceAll("\n", " "))}
    </p>
  );
}

/** One of the product's own short Markdown pages. */
export function MarkdownPage({ text }: { text: string }) {
  return <article>{text.trim().split(/\n\n+/).map(block)}</article>;
}
