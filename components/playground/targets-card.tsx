"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CheckboxField } from "@/components/ui/field";
import { NameTag } from "@/components/ui/name-tag";
import type { Words } from "@/lib/core/words";
import { formatCount, formatMoney } from "@/lib/core/words/format";
import { MAX_TARGETS, type PlaygroundTarget, type PlaygroundTargets } from "@/lib/domain/playground/api";
import { targetKey, toggleTarget } from "./playground-draft";

type Props = {
  targets: PlaygroundTargets;
  chosen: readonly PlaygroundTarget[];
  onChange: (chosen: readonly PlaygroundTarget[]) => void;
};

type Choice = { target: PlaygroundTarget; about: readonly string[]; isSimulated: boolean; isAskable: boolean };

/** Up to four endpoints and backends, each with what it serves and costs. */
export function TargetsCard({ targets, chosen, onChange }: Props) {
  const words = useWords();
  const text = words.playground;
  const keys = new Set(chosen.map(targetKey));
  const isFull = chosen.length >= MAX_TARGETS;
  const group = (label: string, choices: readonly Choice[]) =>
    choices.length > 0 && (
      <fieldset className="min-w-0">
        <legend className="mb-2 text-small font-medium text-ink-3">{label}</legend>
        <div className="grid gap-2.5 md:grid-cols-2">
          {choices.map(({ target, about, isSimulated, isAskable }) => {
            const isChosen = keys.has(targetKey(target));
            return (
              <CheckboxField
                key={targetKey(target)}
                checked={isChosen}
                disabled={!isChosen && (isFull || !isAskable)}
                onCheckedChange={() => onChange(toggleTarget(chosen, target))}
                label={
                  <span className="inline-flex flex-wrap items-center gap-1.5">
                    {target.name}
                    {isSimulated && <NameTag kind="simulated" />}
                  </span>
                }
                hint={about.join(" · ")}
              />
            );
          })}
        </div>
      </fieldset>
    );
  return (
    <Card>
      <CardHead title={text.targets} sub={text.targetsSub({ count: chosen.length, most: MAX_TARGETS })} />
      <CardBody className="flex flex-col gap-4">
        {group(text.endpoints, toEndpointChoices(targets, words))}
        {group(text.backends, toBackendChoices(targets, words))}
        <p className="text-small text-ink-3">{isFull ? text.full : text.endpointEffect}</p>
      </CardBody>
    </Card>
  );
}

function priceText(price: PlaygroundTargets["backends"][number]["price"], { playground: text }: Words): string {
  if (price === null) return text.noPrice;
  return text.price({ input: formatMoney(price.inputUsd), output: formatMoney(price.outputUsd), tokens: formatCount(price.perTokens) });
}

function toEndpointChoices({ endpoints }: PlaygroundTargets, words: Words): Choice[] {
  return endpoints.map((e) => ({
    target: { kind: "endpoint", name: e.name },
    about: [
      e.release === null ? words.playground.noRelease : words.playground.release({ number: e.release }),
      ...e.models,
      priceText(e.price, words),
    ],
    isSimulated: e.isSimulated,
    isAskable: e.release !== null,
  }));
}

function toBackendChoices({ backends }: PlaygroundTargets, words: Words): Choice[] {
  return backends.map((b) => ({
    target: { kind: "backend", name: b.name },
    about: [b.kind, ...(b.servedModel === null ? [] : [b.servedModel]), priceText(b.price, words)],
    isSimulated: b.isSimulated,
    isAskable: true,
  }));
}
