"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { SelectField, TextField } from "@/components/ui/field";
import type { ExperimentLayer } from "@/lib/domain/experiments/api";
import { type LayerDraft, NEW_LAYER, type PlanDraft, readShareBps } from "./plan-draft";
import { freeFor, holdersText, percentOfBps } from "./plan-text";

type Props = {
  draft: PlanDraft;
  layers: readonly ExperimentLayer[];
  predecessor: number | null;
  onChange: (draft: PlanDraft) => void;
};

/** Whom other experiments may have too: everybody, or nobody where all of them name one layer. */
export function LayerFields({ draft, layers, predecessor, onChange }: Props) {
  const words = useWords();
  const text = words.planForm.layer;
  const { layer } = draft;
  const put = (part: Partial<LayerDraft>) => onChange({ ...draft, layer: { ...layer, ...part } });
  const chosen = layers.find(({ name }) => name === layer.choice);
  const field = (name: "name" | "share" | "holdout") => ({
    label: text[name],
    name: `layer-${name}`,
    autoComplete: "off",
    value: layer[name],
    onChange: (event: { target: { value: string } }) => put({ [name]: event.target.value }),
  });
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      <CardBody className="flex flex-col gap-3.5">
        <div className="grid items-start gap-3.5 md:grid-cols-[minmax(0,1fr)_180px]">
          <SelectField
            label={text.choice}
            name="layer"
            pointer={layer.choice === NEW_LAYER ? "/layer" : "/layer/name"}
            hint={
              chosen === undefined ? text.hints[layer.choice === NEW_LAYER ? "fresh" : "none"] : holdersText(chosen, { predecessor, words })
            }
            value={layer.choice}
            onChange={(event) => put({ choice: event.target.value })}
            options={[
              { value: "", label: text.none },
              ...layers.map((each) => ({
                value: each.name,
                label: text.option({ name: each.name, free: percentOfBps(freeFor(each, predecessor)) }),
              })),
              { value: NEW_LAYER, label: text.fresh },
            ]}
          />
          {layer.choice !== "" && <TextField {...field("share")} pointer="/layer/shareBps" inputMode="decimal" hint={text.shareHint} />}
        </div>
        {layer.choice === NEW_LAYER && (
          <div className="grid items-start gap-3.5 md:grid-cols-[minmax(0,1fr)_180px]">
            <TextField
              {...field("name")}
              pointer="/layer/name"
              hint={text.nameHint}
              autoCapitalize="none"
              spellCheck={false}
              maxLength={63}
            />
            <TextField {...field("holdout")} pointer="/layer/holdoutBps" inputMode="decimal" hint={text.holdoutHint} optional />
          </div>
        )}
        {chosen !== undefined && readShareBps(layer.share) > freeFor(chosen, predecessor) && (
          <p role="status" className="text-small text-hold-ink">
            {text.tooFew({ free: percentOfBps(freeFor(chosen, predecessor)) })}
          </p>
        )}
      </CardBody>
    </Card>
  );
}
