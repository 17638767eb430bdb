import { cn } from "./cn";
import { CopyButton } from "./copy-field";

/** Several lines of code; scrolls inside its own frame, or wraps where asked. */
export function CodeBlock({ code, label, wrap = false, className }: { code: string; label: string; wrap?: boolean; className?: string }) {
  return (
    <div className={cn("relative rounded-control border border-line bg-sunken", className)}>
      <CopyButton value={code} what={label} className="absolute top-1 right-1 rounded-control bg-sunken" />
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
        tabIndex={0}
        className="overflow-x-auto"
      >
        <pre className={cn("py-2.5 pr-11 pl-3 font-mono text-[12px]/[18px] text-ink-2", wrap && "whitespace-pre-wrap wrap-anywhere")}>
          {code}
        </pre>
      </section>
    </div>
  );
}
