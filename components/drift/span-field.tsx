"use client";

import { useWords } from "@/components/shell/words-provider";
import { Field, inputLook } from "@/components/ui/field";
import { SPAN_UNITS, type SpanUnit, toSpan } from "./monitor-draft";

type Props = { label: string; name: string; pointer: string; minutes: number | null; hint?: string; optional?: boolean };

const units = Object.keys(SPAN_UNITS) as SpanUnit[];

/** A number of minutes, hours or days: `name` and `nameUnit` in the form. */
export function SpanField({ label, name, pointer, minutes, hint, optional = false }: Props) {
  const words = useWords();
  const text = words.drift.form;
  const initial = toSpan(minutes);
  return (
    <Field label={label} name={name} pointer={pointer} hint={hint} optional={optional}>
      {(control) => (
        <span className="flex gap-2">
          <input {...control} inputMode="decimal" autoComplete="off" defaultValue={initial.value} className={inputLook} />
          <select
            name={`${name}Unit`}
            aria-label={`${label}: ${text.unit}`}
            defaultValue={initial.unit}
            className={`${inputLook} w-28! shrink-0 pr-7`}
          >
            {units.map((unit) => (
              <option key={unit} value={unit}>
                {text[unit]}
              </option>
            ))}
          </select>
        </span>
      )}
    </Field>
  );
}
