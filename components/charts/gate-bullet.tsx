import { type BulletInput, prepareBullet } from "./prepare/bullet";

/** Distance to the limit on the gate's own scale. The row's numbers say the same, so the sentence is its whole name. */
export function GateBullet({ label, waiting = false, ...input }: BulletInput & { label: string; waiting?: boolean }) {
  const at = prepareBullet(input);
  return (
    <div role="img" aria-label={label} className="relative h-[22px] min-w-[120px]">
      <span className="absolute inset-x-0 top-[9px] h-1 overflow-hidden rounded-[2px] bg-sunken shadow-[inset_0_0_0_.5px_var(--line-strong)]">
        <span
          data-bar
          className="hatch-beyond absolute inset-y-0"
          style={{ left: `${at.beyond.from}%`, width: `${at.beyond.to - at.beyond.from}%` }}
        />
      </span>
      <span data-bar className="absolute top-[3px] -ml-px h-4 w-0.5 bg-limit" style={{ left: `${at.limit}%` }} />
      {at.baseline !== null && (
        <span
          data-bar
          className="absolute top-[5px] -ml-0.5 h-3 w-1 rounded-[1.5px] bg-v-control shadow-[0_0_0_1.5px_var(--surface)]"
          style={{ left: `${at.baseline}%` }}
        />
      )}
      {at.whisker && (
        <span
          data-bar
          className="absolute top-2.5 h-0.5 bg-v-treatment"
          style={{ left: `${at.whisker.from}%`, width: `${at.whisker.to - at.whisker.from}%` }}
        />
      )}
      {at.value !== null && (
        <span
          data-bar
          className={
            waiting
              ? "absolute top-1.5 -ml-[5px] size-2.5 rounded-full bg-surface shadow-[inset_0_0_0_2px_var(--v-treatment),0_0_0_2px_var(--surface)]"
              : "absolute top-1.5 -ml-[5px] size-2.5 rounded-full bg-v-treatment shadow-[0_0_0_2px_var(--surface)]"
          }
          style={{ left: `${at.value}%` }}
        />
      )}
    </div>
  );
}
