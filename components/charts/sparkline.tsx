import { prepareSpark } from "./prepare/spark";

/** Shape only: the tile beside it says the number. A dotted line is the baseline. */
export function Sparkline({
  values,
  base,
  className,
}: {
  values: readonly (number | null)[];
  base?: readonly (number | null)[];
  className?: string;
}) {
  const paths = prepareSpark(values, { base });
  return (
    <svg
      viewBox="0 0 100 30"
      preserveAspectRatio="none"
      aria-hidden="true"
      className={className ?? "mt-1.5 block h-[30px] w-full overflow-visible"}
    >
      {paths.base && (
        <path d={paths.base} className="fill-none stroke-axis stroke-[1.25] [stroke-dasharray:2_3] [vector-effect:non-scaling-stroke]" />
      )}
      {paths.line && (
        <path d={paths.line} className="fill-none stroke-ink-2 stroke-[1.5] [stroke-linejoin:round] [vector-effect:non-scaling-stroke]" />
      )}
    </svg>
  );
}
