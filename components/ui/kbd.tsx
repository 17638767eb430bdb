import { cn } from "./cn";

/** A key or a few, as printed on the keyboard. */
export function Kbd({ children, className }: { children: string; className?: string }) {
  return (
    <kbd
      className={cn(
        "rounded-mark border border-line bg-sunken px-[5px] font-sans text-micro font-medium whitespace-nowrap text-ink-3",
        className,
      )}
    >
      {children}
    </kbd>
  );
}
