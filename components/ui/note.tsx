import { Check, Info, OctagonX, RadioTower, TriangleAlert } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";
import { badgeTone, type StateRole, textTone } from "./state-look";

const icons = { idle: Info, active: RadioTower, hold: TriangleAlert, good: Check, bad: OctagonX } as const;

type Props = Omit<ComponentProps<"div">, "title"> & { tone?: StateRole; title?: ReactNode };

/** A sentence that needs its own frame: what happens next, what is wrong, what was decided. */
export function Note({ tone = "idle", title, className, children, ...rest }: Props) {
  const Icon = icons[tone];
  return (
    <div {...rest} className={cn("flex gap-2.5 rounded-control border px-3 py-2.5", badgeTone[tone], "text-ink", className)}>
      <Icon className={cn("mt-0.5 size-4 shrink-0 stroke-2", textTone[tone])} aria-hidden />
      <div className="min-w-0 flex-1">
        {title !== undefined && <p className="font-semibold">{title}</p>}
        {children}
      </div>
    </div>
  );
}
