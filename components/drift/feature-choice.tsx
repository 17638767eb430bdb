"use client";

import { CircleAlert } from "lucide-react";
import { useId } from "react";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CheckboxField } from "@/components/ui/field";
import { DRIFT_FEATURES, type DriftFeatureName } from "@/lib/domain/drift/api";

/** Which of the recorded numbers are compared: `features` in the form, once each. */
export function FeatureChoice({ initial, mistake }: { initial: readonly DriftFeatureName[]; mistake?: string }) {
  const words = useWords();
  const text = words.drift;
  const id = useId();
  return (
    <Card>
      <CardHead id={id} title={text.form.what} />
      <CardBody>
        {/* biome-ignore lint/a11y/useSemanticElements: the card's head is the legend */}
        <div role="group" aria-labelledby={id} data-pointer="/features" className="grid gap-3 md:grid-cols-2">
          {DRIFT_FEATURES.map((feature) => (
            <CheckboxField
              key={feature}
              name="features"
              value={feature}
              label={text.features[feature]}
              hint={text.featureAbout[feature]}
              defaultChecked={initial.includes(feature)}
            />
          ))}
        </div>
        {mistake !== undefined && (
          <p className="mt-2.5 flex gap-[5px] text-small text-bad-ink">
            <CircleAlert className="mt-px size-3.5 shrink-0 stroke-2" aria-hidden />
            {mistake}
          </p>
        )}
      </CardBody>
    </Card>
  );
}
