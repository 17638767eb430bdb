"use client";

import Form from "next/form";
import { useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink } from "@/components/ui/button";
import { inputLook } from "@/components/ui/field";

export type Facet = { value: string; name: string };
export type AuditFilter = { objectKind?: string; action?: string; actorId?: string; objectId?: string };

type Props = {
  action: string;
  filter: AuditFilter;
  facets: { actions: readonly Facet[]; kinds: readonly Facet[]; actors: readonly Facet[] };
};

/** Each choice goes into the address at once; without scripts the button sends them. */
export function AuditFilters({ action, filter, facets }: Props) {
  const words = useWords();
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <Form
      action={action}
      role="search"
      aria-label={words.actions.filter}
      // A changed address draws the fields anew, with what it says.
      key={JSON.stringify(filter)}
      onChange={(event) => event.currentTarget.requestSubmit()}
      className="flex flex-wrap items-end gap-3 px-4 pb-3.5 max-md:px-3.5"
    >
      {filter.objectId !== undefined && <input type="hidden" name="objectId" value={filter.objectId} />}
      <Choice name="objectKind" label={words.audit.objectKind} value={filter.objectKind} facets={facets.kinds} />
      <Choice name="action" label={words.audit.action} value={filter.action} facets={facets.actions} />
      <Choice name="actorId" label={words.audit.actor} value={filter.actorId} facets={facets.actors} />
      <noscript>
        <Button type="submit">{words.audit.apply}</Button>
      </noscript>
      {isFiltered && (
        <ButtonLink href={action} variant="ghost">
          {words.actions.clearFilters}
        </ButtonLink>
      )}
    </Form>
  );
}

function Choice({ name, label, value = "", facets }: { name: string; label: string; value?: string; facets: readonly Facet[] }) {
  const words = useWords();
  const known = facets.some((facet) => facet.value === value);
  return (
    <label className="flex min-w-0 flex-col gap-[5px] max-md:w-[calc(50%-6px)] max-md:grow">
      <span className="text-small font-medium">{label}</span>
      <select name={name} defaultValue={value} className={`${inputLook} md:min-w-40 pr-7`}>
        <option value="">{words.audit.all}</option>
        {value !== "" && !known && <option value={value}>{value}</option>}
        {facets.map((facet) => (
          <option key={facet.value} value={facet.value}>
            {facet.name}
          </option>
        ))}
      </select>
    </label>
  );
}
