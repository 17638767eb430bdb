import { Check, Equal, Hourglass, type LucideIcon, OctagonX } from "lucide-react";
import type { ReactNode } from "react";
import { Card } from "./card";
import { cn } from "./cn";
import { badgeTone, type StateRole } from "./state-look";

const icons: Record<Exclude<StateRole, "active">, LucideIcon> = { good: Check, hold: Hourglass, bad: OctagonX, idle: Equal };

type Props = {
  tone: Exclude<StateRole, "active">;
  icon?: LucideIcon;
  /** Act, effect, size; at most 90 characters. */
  title: ReactNode;
  /** Two sentences of evidence. A verdict without evidence is not shown, so they are not optional. */
  children: ReactNode;
  action?: ReactNode;
};

/** The judgement that a page opens with. */
export function Verdict({ tone, icon, title, children, action }: Props) {
  const Icon = icon ?? icons[tone];
  return (
    <Card
      data-verdict={tone}
      className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-x-3.5 gap-y-1 p-4 max-md:grid-cols-1 max-md:p-3.5"
    >
      <span className={cn("grid size-9 place-items-center rounded-full border-0 max-md:size-8", badgeTone[tone])}>
        <Icon className="size-5 stroke-[2.25]" aria-hidden />
      </span>
      <div className="min-w-0">
        <h2 className="text-h2 font-semibold tracking-[-0.012em]">{title}</h2>
        <div className="mt-0.5 max-w-[84ch] text-body text-ink-2">{children}</div>
      </div>
      {action !== undefined && <div className="max-md:mt-2 print:hidden">{action}</div>}
    </Card>
  );
}
