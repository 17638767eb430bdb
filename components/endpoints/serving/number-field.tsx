"use client";

import { useWords } from "@/components/shell/words-provider";
import { TextField } from "@/components/ui/field";
import { formatNumber } from "@/lib/core/words/format";
import { isWithin } from "./settings-draft";

type Props = {
  label: string;
  name: string;
  pointer: string;
  hint?: string;
  value: string;
  bounds: { min: number; max: number };
  /** What holds while the field is empty. */
  fallback: number;
  onChange: (value: string) => void;
};

/** A whole number that may stay empty: the default stands in its place, and what lies outside is said while it is typed. */
export function NumberField({ label, name, pointer, hint, value, bounds, fallback, onChange }: Props) {
  const words = useWords();
  const text = words.serving;
  const range = { min: formatNumber(bounds.min), max: formatNumber(bounds.max) };
  return (
    <TextField
      label={label}
      name={name}
      pointer={pointer}
      inputMode="numeric"
      autoComplete="off"
      optional
      placeholder={text.byDefault({ value: formatNumber(fallback) })}
      hint={hint}
      error={isWithin(value, bounds) ? undefined : text.outside(range)}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
