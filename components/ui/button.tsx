import { cva, type VariantProps } from "class-variance-authority";
import { LoaderCircle } from "lucide-react";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";

export const buttonLook = cva(
  [
    "inline-flex items-center justify-center gap-[7px] whitespace-nowrap rounded-control border font-medium select-none",
    "transition-[background-color,border-color] ease-fast [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:stroke-[1.75]",
    "disabled:cursor-not-allowed disabled:border-line disabled:bg-sunken disabled:text-ink-3 disabled:shadow-none disabled:[&_svg]:text-ink-3",
  ],
  {
    variants: {
      variant: {
        primary: "border-primary bg-primary text-on-primary shadow-card hover:bg-primary-hover",
        outline: "border-line-strong bg-surface text-ink shadow-card hover:border-control-line hover:bg-hover [&_svg]:text-ink-3",
        "danger-outline": "border-bad-line bg-surface text-bad-ink shadow-card hover:border-bad-solid hover:bg-hover",
        danger: "border-danger bg-danger text-on-danger shadow-card hover:border-danger-hover hover:bg-danger-hover",
        ghost: "border-transparent bg-transparent text-ink-2 hover:bg-hover disabled:border-transparent disabled:bg-transparent",
      },
      size: {
        md: "h-(--control-h) px-3 text-base",
        sm: "h-7 gap-1.5 px-[9px] text-small max-md:h-9 pointer-coarse:h-9",
        lg: "h-10 px-4 text-body max-md:h-12 pointer-coarse:h-12",
        icon: "size-(--control-h) px-0",
      },
      wide: { true: "w-full", false: "" },
    },
    defaultVariants: { variant: "outline", size: "md", wide: false },
  },
);

type Look = VariantProps<typeof buttonLook> & { icon?: ReactNode };

export type ButtonProps = ComponentProps<"button"> &
  Look & {
    /** While true the button keeps its width, says `busyLabel` and takes no click. */
    busy?: boolean;
    busyLabel?: string;
  };

/** One primary a page. A disabled button names its reason by `aria-describedby`; `ActionWithHint` draws both. */
export function Button({
  variant,
  size,
  wide,
  icon,
  busy = false,
  busyLabel,
  className,
  children,
  disabled,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : rest.onClick}
      className={cn(buttonLook({ variant, size, wide }), className)}
    >
      <span className="grid [&>*]:[grid-area:1/1]">
        <span className={cn("inline-flex items-center justify-center gap-[7px]", busy && "invisible")}>
          {icon}
          {children}
        </span>
        {busyLabel !== undefined && (
          <span className={cn("inline-flex items-center justify-center gap-[7px]", !busy && "invisible")} aria-hidden={!busy || undefined}>
            <LoaderCircle className="busy-icon" aria-hidden />
            {busyLabel}
          </span>
        )}
        {busy && busyLabel === undefined && (
          <span className="inline-flex items-center justify-center">
            <LoaderCircle className="busy-icon" aria-hidden />
          </span>
        )}
      </span>
    </button>
  );
}

/** A button's look on a link: it goes somewhere and changes nothing. */
export function ButtonLink({ variant, size, wide, icon, className, children, ...rest }: ComponentProps<typeof Link> & Look) {
  return (
    <Link {...rest} className={cn(buttonLook({ variant, size, wide }), className)}>
      {icon}
      {children}
    </Link>
  );
}

/** A link inside text. */
export function TextLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return <Link {...rest} className={cn("link", className)} />;
}

/** An icon alone always has a name; the name is also its tooltip. */
export function IconButton({ label, className, children, type = "button", ...rest }: ComponentProps<"button"> & { label: string }) {
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      title={label}
      className={cn(
        "relative grid size-[30px] shrink-0 place-items-center rounded-control text-ink-3 transition-colors ease-fast hover:bg-hover hover:text-ink max-md:size-11 pointer-coarse:size-11 [&_svg]:size-4 [&_svg]:stroke-[1.75]",
        className,
      )}
    >
      {children}
    </button>
  );
}
