"use client";

import { useWords } from "@/components/shell/words-provider";
import { CheckboxField, Field } from "@/components/ui/field";
import { FALLBACK_CLASSES, type FallbackClass } from "@/lib/contracts/failure-classes";

type Props = {
  label: string;
  name: string;
  pointer: string;
  hint?: string;
  error?: string;
  value: readonly FallbackClass[];
  onChange: (value: readonly FallbackClass[]) => void;
};

/** Classes of failure, each with what belongs to it. */
export function ClassChoice({ label, name, pointer, hint, error, value, onChange }: Props) {
  const { classes, classHints } = useWords().serving;
  return (
    <Field label={label} name={name} pointer={pointer} hint={hint} error={error} className="md:col-span-2">
      {({ id, "aria-invalid": invalid, "aria-describedby": describedBy, "data-pointer": dataPointer }) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot be the label that Field draws
        <div
          id={id}
          role="group"
          aria-label={label}
          aria-invalid={invalid}
          aria-describedby={describedBy}
          data-pointer={dataPointer}
          tabIndex={-1}
          className="grid gap-2 rounded-control border border-line px-3 py-2.5 aria-invalid:border-bad-solid md:grid-cols-2"
        >
          {FALLBACK_CLASSES.map((each) => (
            <CheckboxField
              key={each}
              label={classes[each]}
              hint={classHints[each]}
              checked={value.includes(each)}
              onCheckedChange={(checked) => onChange(checked === true ? [...value, each] : value.filter((other) => other !== each))}
            />
          ))}
        </div>
      )}
    </Field>
  );
}
