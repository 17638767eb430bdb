import { cn } from "./cn";

/** Initials of a person. The name stands beside it or in its title, so it is hidden from screen readers. */
export function Avatar({ name, size = "md", className }: { name: string; size?: "sm" | "md"; className?: string }) {
  const words = name.trim().split(/\s+/);
  const initials = words.length > 1 ? `${words[0]?.charAt(0) ?? ""}${words.at(-1)?.charAt(0) ?? ""}` : name.slice(0, 2);
  return (
    <span
      aria-hidden
      title={name}
      className={cn(
        "inline-grid shrink-0 place-items-center rounded-full bg-selected font-semibold tracking-[0.01em] text-ink-2 uppercase",
        size === "md" ? "size-6 text-[10px]" : "size-5 text-[9px]",
        className,
      )}
    >
      {initials}
    </span>
  );
}
