"use client";

import Form from "next/form";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { CACHE_RESULTS, REQUEST_SOURCES } from "@/lib/contracts/gateway-event";
import { RARE_FILTERS, type RequestFilters } from "./request-filters";

type Props = { action: string; environment: string; filters: RequestFilters; endpoints: readonly string[]; isTail: boolean };

const grid = "grid grid-cols-[repeat(auto-fit,minmax(150px,1fr))] items-end gap-2.5";

/** A form of the address: it works without JavaScript, and a pasted link shows the same rows. */
export function FilterForm({ action, environment, filters, endpoints, isTail }: Props) {
  const words = useWords();
  const { data } = useShell();
  const text = words.requests.filters;
  const isDefault = environment === (data.defaultEnvironment ?? "production");
  return (
    // A new set of filters is a new form, so that what the fields say is what the address says.
    <Form key={JSON.stringify(filters)} action={action} role="search" className="flex flex-col gap-2.5">
      {!isDefault && <input type="hidden" name="env" value={environment} />}
      {isTail && <input type="hidden" name="tail" value="on" />}
      {filters.outcome !== undefined && <input type="hidden" name="outcome" value={filters.outcome} />}
      <div className={grid}>
        <TextField label={text.id} name="id" defaultValue={filters.id ?? ""} maxLength={128} className="col-span-2 max-md:col-span-1" />
        <SelectField
          label={text.endpoint}
          name="endpoint"
          defaultValue={filters.endpoint ?? ""}
          options={[{ value: "", label: text.allEndpoints }, ...endpoints.map((name) => ({ value: name, label: name }))]}
        />
        <TextField label={text.slower} name="slowerThanMs" inputMode="numeric" defaultValue={filters.slowerThanMs ?? ""} />
        <TextField label={`${text.from} (${text.times})`} name="from" type="datetime-local" defaultValue={fieldInstant(filters.from)} />
        <TextField label={`${text.to} (${text.times})`} name="to" type="datetime-local" defaultValue={fieldInstant(filters.to)} />
        <div>
          <Button type="submit">{text.apply}</Button>
        </div>
      </div>
      <details open={RARE_FILTERS.some((name) => filters[name] !== undefined)}>
        <summary className="w-fit cursor-pointer text-small text-ink-2 hover:text-ink">{text.more}</summary>
        <RareFields filters={filters} />
      </details>
    </Form>
  );
}

function RareFields({ filters }: { filters: RequestFilters }) {
  const words = useWords();
  const text = words.requests.filters;
  const { caches, sources, yes, no } = words.requests.detail;
  return (
    <div className={`${grid} mt-2.5`}>
      <TextField label={text.variant} name="variant" defaultValue={filters.variant ?? ""} maxLength={100} />
      <TextField
        label={text.release}
        name="release"
        inputMode="numeric"
        placeholder={text.allReleases}
        defaultValue={filters.release ?? ""}
      />
      <TextField label={text.key} name="key" defaultValue={filters.key ?? ""} maxLength={100} />
      <TextField
        label={text.status}
        name="status"
        pattern="[1-5](xx|[0-9][0-9])"
        title={text.statusHint}
        placeholder={text.statusHint}
        defaultValue={filters.status ?? ""}
      />
      <TextField label={text.error} name="error" placeholder="upstream_timeout" defaultValue={filters.error ?? ""} maxLength={60} />
      <SelectField
        label={text.cache}
        name="cache"
        defaultValue={filters.cache ?? ""}
        options={[{ value: "", label: text.anyCache }, ...CACHE_RESULTS.map((result) => ({ value: result, label: caches[result] }))]}
      />
      <SelectField
        label={text.fallback}
        name="fallback"
        defaultValue={filters.fallback ?? ""}
        options={[
          { value: "", label: text.anyFallback },
          { value: "yes", label: yes },
          { value: "no", label: no },
        ]}
      />
      <SelectField
        label={text.source}
        name="source"
        defaultValue={filters.source ?? ""}
        options={[{ value: "", label: text.allSources }, ...REQUEST_SOURCES.map((source) => ({ value: source, label: sources[source] }))]}
      />
      <TextField label={text.dearer} name="dearerThanUsd" inputMode="decimal" defaultValue={filters.dearerThanUsd ?? ""} />
    </div>
  );
}

/** `2026-11-20T14:00:00.000Z` → `2026-11-20T14:00` */
const fieldInstant = (at: string | undefined): string => at?.slice(0, 16) ?? "";
