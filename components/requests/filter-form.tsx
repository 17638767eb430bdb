"use client";

import Form from "next/form";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { REQUEST_SOURCES } from "@/lib/contracts/gateway-event";
import type { RequestFilters } from "./request-filters";

type Props = { action: string; environment: string; filters: RequestFilters; endpoints: readonly string[] };

/** A form of the address: it works without JavaScript, and a pasted link shows the same rows. */
export function FilterForm({ action, environment, filters, endpoints }: Props) {
  const words = useWords();
  const { data } = useShell();
  const text = words.requests.filters;
  const isDefault = environment === (data.defaultEnvironment ?? "production");
  return (
    // A new set of filters is a new form, so that what the fields say is what the address says.
    <Form
      key={JSON.stringify(filters)}
      action={action}
      role="search"
      className="grid grid-cols-[repeat(auto-fit,minmax(150px,1fr))] items-end gap-2.5"
    >
      {!isDefault && <input type="hidden" name="env" value={environment} />}
      {filters.outcome !== undefined && <input type="hidden" name="outcome" value={filters.outcome} />}
      <SelectField
        label={text.endpoint}
        name="endpoint"
        defaultValue={filters.endpoint ?? ""}
        options={[{ value: "", label: text.allEndpoints }, ...endpoints.map((name) => ({ value: name, label: name }))]}
      />
      <SelectField
        label={text.source}
        name="source"
        defaultValue={filters.source ?? ""}
        options={[
          { value: "", label: text.allSources },
          ...REQUEST_SOURCES.map((source) => ({ value: source, label: words.requests.detail.sources[source] })),
        ]}
      />
      <TextField
        label={text.release}
        name="release"
        inputMode="numeric"
        placeholder={text.allReleases}
        defaultValue={filters.release ?? ""}
      />
      <TextField label={text.slower} name="slowerThanMs" inputMode="numeric" defaultValue={filters.slowerThanMs ?? ""} />
      <TextField label={`${text.from} (${text.times})`} name="from" type="datetime-local" defaultValue={fieldInstant(filters.from)} />
      <TextField label={`${text.to} (${text.times})`} name="to" type="datetime-local" defaultValue={fieldInstant(filters.to)} />
      <div>
        <Button type="submit">{text.apply}</Button>
      </div>
    </Form>
  );
}

/** `2026-11-20T14:00:00.000Z` → `2026-11-20T14:00` */
const fieldInstant = (at: string | undefined): string => at?.slice(0, 16) ?? "";
