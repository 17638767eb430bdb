"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CheckboxField, SelectField } from "@/components/ui/field";
import { CACHE_MODES, CACHE_SCOPES } from "@/lib/contracts/cache";
import { ClassChoice } from "./class-choice";
import { NumberField } from "./number-field";
import { CACHE_DEFAULTS, type CacheDraft } from "./settings-draft";

const LONGEST_SECONDS = 2_592_000;

/** Whether and how answers are stored and given again. */
export function CacheSection({ draft, onChange }: { draft: CacheDraft; onChange: (part: Partial<CacheDraft>) => void }) {
  const text = useWords().serving.cache;
  const isOn = draft.mode !== "off";
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      <CardBody className="grid gap-3.5 md:grid-cols-2">
        <SelectField
          label={text.mode}
          name="cacheMode"
          pointer="/cache/mode"
          hint={text.modeHints[draft.mode]}
          value={draft.mode}
          onChange={(event) => onChange({ mode: CACHE_MODES.find((mode) => mode === event.target.value) ?? "off" })}
          options={CACHE_MODES.map((mode) => ({ value: mode, label: text.modes[mode] }))}
        />
        {isOn && (
          <>
            <SelectField
              label={text.scope}
              name="cacheScope"
              pointer="/cache/scope"
              hint={text.scopeHints[draft.scope]}
              value={draft.scope}
              onChange={(event) => onChange({ scope: CACHE_SCOPES.find((scope) => scope === event.target.value) ?? "endpoint" })}
              options={CACHE_SCOPES.map((scope) => ({ value: scope, label: text.scopes[scope] }))}
            />
            <NumberField
              label={text.ttl}
              name="ttlSeconds"
              pointer="/cache/ttlSeconds"
              value={draft.ttlSeconds}
              bounds={{ min: 1, max: LONGEST_SECONDS }}
              fallback={CACHE_DEFAULTS.ttlSeconds}
              onChange={(ttlSeconds) => onChange({ ttlSeconds })}
            />
            <NumberField
              label={text.size}
              name="maxEntryBytes"
              pointer="/cache/maxEntryBytes"
              hint={text.sizeHint}
              value={draft.maxEntryBytes}
              bounds={{ min: 1_024, max: 1_048_576 }}
              fallback={CACHE_DEFAULTS.maxEntryBytes}
              onChange={(maxEntryBytes) => onChange({ maxEntryBytes })}
            />
            <div className="md:col-span-2">
              <CheckboxField
                label={text.deterministic}
                hint={text.deterministicHint}
                checked={draft.deterministicOnly}
                onCheckedChange={(checked) => onChange({ deterministicOnly: checked === true })}
              />
            </div>
            <ClassChoice
              label={text.onFailure}
              name="cacheOnFailure"
              pointer="/cache/onFailure"
              hint={text.onFailureHint}
              value={draft.onFailure}
              onChange={(onFailure) => onChange({ onFailure })}
            />
            {draft.onFailure.length > 0 && (
              <NumberField
                label={text.stale}
                name="staleSeconds"
                pointer="/cache/staleSeconds"
                hint={text.staleHint}
                value={draft.staleSeconds}
                bounds={{ min: 0, max: LONGEST_SECONDS }}
                fallback={CACHE_DEFAULTS.staleSeconds}
                onChange={(staleSeconds) => onChange({ staleSeconds })}
              />
            )}
          </>
        )}
      </CardBody>
    </Card>
  );
}
