"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CheckboxField } from "@/components/ui/field";
import { SEGMENT_DIMENSIONS, type SegmentDimension } from "@/lib/domain/experiments/api";

const MOST = 4;

type Props = { chosen: readonly SegmentDimension[]; onChange: (chosen: readonly SegmentDimension[]) => void };

/** Which parts of the traffic the plan tests beside the whole; none to begin with. */
export function SegmentFields({ chosen, onChange }: Props) {
  const words = useWords();
  const text = words.segments;
  const isFull = chosen.length >= MOST;
  const put = (dimension: SegmentDimension, isOn: boolean) =>
    onChange(SEGMENT_DIMENSIONS.filter((each) => (each === dimension ? isOn : chosen.includes(each))));
  return (
    <Card>
      <CardHead title={text.form.legend} />
      <CardBody>
        <fieldset className="min-w-0">
          <legend className="sr-only">{text.form.legend}</legend>
          <p className="mb-3 text-small text-ink-3">{text.form.hint}</p>
          <div className="grid gap-3 md:grid-cols-2">
            {SEGMENT_DIMENSIONS.map((dimension) => {
              const isOn = chosen.includes(dimension);
              return (
                <CheckboxField
                  key={dimension}
                  label={text.dimensions[dimension]}
                  hint={text.hints[dimension]}
                  checked={isOn}
                  disabled={isFull && !isOn}
                  onCheckedChange={(checked) => put(dimension, checked === true)}
                />
              );
            })}
          </div>
          {isFull && (
            <p role="status" className="mt-3 text-small text-ink-3">
              {text.form.full}
            </p>
          )}
        </fieldset>
      </CardBody>
    </Card>
  );
}
