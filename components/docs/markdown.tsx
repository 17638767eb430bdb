import Link from "next/link";
import { CodeBlock } from "@/components/ui/code-block";
import { type Block, type Inline, parseInline, parseMarkdown } from "./parse-markdown";

/** A page of ours. Its first heading is left to the frame around it. `codeLabel` names its code blocks to screen readers. */
export function Markdown({ source, codeLabel }: { source: string; codeLabel: string }) {
  return (
    <div className="grid max-w-[84ch] gap-3 text-body text-ink-2">
      {parseMarkdown(source)
        .filter((block) => !(block.kind === "heading" && block.level === 1))
        .map((block, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a fixed text in its order
          <BlockView key={index} block={block} codeLabel={codeLabel} />
        ))}
    </div>
  );
}

function BlockView({ block, codeLabel }: { block: Block; codeLabel: string }) {
  switch (block.kind) {
    case "heading":
      return (
        <h2 className="mt-3 text-h2 font-semibold tracking-[-0.012em] text-ink">
          <InlineMarkdown text={block.text} />
        </h2>
      );
    case "code":
      return <CodeBlock code={block.text} label={codeLabel} wrap />;
    case "list": {
      const List = block.ordered ? "ol" : "ul";
      return (
        <List className={block.ordered ? "grid list-decimal gap-1 pl-5" : "grid list-disc gap-1 pl-5"}>
          {block.items.map((item) => (
            <li key={item}>
              <InlineMarkdown text={item} />
            </li>
          ))}
        </List>
      );
    }
    default:
      return (
        <p>
          <InlineMarkdown text={block.text} />
        </p>
      );
  }
}

export function InlineMarkdown({ text }: { text: string }) {
  return parseInline(text).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a fixed text in its order
    <InlineView key={index} part={part} />
  ));
}

function InlineView({ part }: { part: Inline }) {
  switch (part.kind) {
    case "code":
      return <code className="rounded-mark bg-sunken px-1 font-mono text-[0.92em]">{part.text}</code>;
    case "strong":
      return <b className="font-semibold text-ink">{part.text}</b>;
    case "link":
      return (
        // The pages link to each other by file, as they do in the repository.
        <Link href={part.href.replace(/^([\w-]+)\.md/, "/docs/errors/$1")} className="link">
          {part.text}
        </Link>
      );
    default:
      return part.text;
  }
}
