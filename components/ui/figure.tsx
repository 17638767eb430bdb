import { formatChange, formatCount, formatMillis, formatMoney, formatNumber, formatPercent, formatPoints } from "@/lib/core/words/format";

/** A formatted number with its unit drawn lighter: `0.44 %`, `412 ms`. The unit is what stands after the no-break space. */
export function Figure({ text }: { text: string }) {
  const at = text.indexOf("\u00a0");
  if (at < 0 || text.indexOf("\u00a0", at + 1) >= 0) return text;
  return (
    <>
      {text.slice(0, at)}
      <span className="font-normal text-ink-3">{text.slice(at)}</span>
    </>
  );
}

type NumberProps = { value: number | null | undefined; digits?: number };

export const Num = ({ value, digits }: NumberProps) => formatNumber(value, { digits });
export const Count = ({ value }: { value: number | null | undefined }) => <Figure text={formatCount(value)} />;
/** A ratio 0..1 as percent. */
export const Percent = ({ value, digits }: NumberProps) => <Figure text={formatPercent(value, { digits })} />;
/** The difference of two ratios. */
export const Points = ({ value, digits }: NumberProps) => <Figure text={formatPoints(value, { digits })} />;
/** A relative change, 0.1 is +10 %. */
export const Change = ({ value, digits }: NumberProps) => <Figure text={formatChange(value, { digits })} />;
export const Millis = ({ value }: { value: number | null | undefined }) => <Figure text={formatMillis(value)} />;
/** A decimal string, never a float. */
export const Money = ({ amount, currency, digits }: { amount: string | null | undefined; currency?: string; digits?: number }) =>
  formatMoney(amount, { currency, digits });
