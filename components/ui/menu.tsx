"use client";

import { Check } from "lucide-react";
import Link from "next/link";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { cn } from "./cn";

type MenuProps = { trigger: ReactNode; label: string; side?: "top" | "bottom"; align?: "start" | "end"; children: ReactNode };

/** A menu at a button. */
export function Menu({ trigger, label, side = "bottom", align = "end", children }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          aria-label={label}
          side={side}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="overlay-in z-50 max-h-[min(420px,80dvh)] min-w-[200px] overflow-y-auto rounded-card border border-line bg-raised p-1 shadow-pop"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const itemLook =
  "flex h-8 w-full cursor-default items-center gap-2.5 rounded-control px-2 text-left outline-none data-highlighted:bg-hover data-disabled:text-ink-3 max-md:h-11 pointer-coarse:h-11 [&_svg]:size-4 [&_svg]:stroke-[1.75] [&_svg]:text-ink-3";

type ItemProps = { icon?: ReactNode; danger?: boolean; disabled?: boolean; children: ReactNode } & (
  | { href: string }
  | { onSelect: () => void }
);

export function MenuItem({ icon, danger = false, disabled, children, ...act }: ItemProps) {
  const look = cn(itemLook, danger && "text-bad-ink");
  if ("href" in act) {
    return (
      <DropdownMenu.Item asChild disabled={disabled}>
        <Link href={act.href} className={look}>
          {icon}
          {children}
        </Link>
      </DropdownMenu.Item>
    );
  }
  return (
    <DropdownMenu.Item disabled={disabled} onSelect={act.onSelect} className={look}>
      {icon}
      {children}
    </DropdownMenu.Item>
  );
}

/** One of a few, with a check at the chosen one. */
export function MenuChoice<Value extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string; lang?: string }[];
  onChange: (value: Value) => void;
}) {
  return (
    <DropdownMenu.RadioGroup
      value={value}
      onValueChange={(chosen) => onChange(options.find((option) => option.value === chosen)?.value ?? value)}
    >
      <DropdownMenu.Label className="px-2 pt-1.5 pb-0.5 text-micro text-ink-3">{label}</DropdownMenu.Label>
      {options.map((option) => (
        <DropdownMenu.RadioItem key={option.value} value={option.value} className={itemLook} lang={option.lang}>
          {option.label}
          <DropdownMenu.ItemIndicator className="ml-auto">
            <Check aria-hidden />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="mx-1 my-1 h-px bg-line" />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 py-1.5">{children}</DropdownMenu.Label>;
}
