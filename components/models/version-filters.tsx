"use client";

import Form from "next/form";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { inputLook } from "@/components/ui/field";
import { ENGINES, PRECISIONS } from "@/lib/domain/registry/api";

export interface VersionFilter {
  readonly engine?: string | undefined;
  readonly precision?: string | undefined;
  readonly alias?: string | undefined;
}

type Props = {
  action: string;
  /** The address's other parameters. */
  keep: Readonly<Record<string, string>>;
  filter: VersionFilter;
};

/** What a version runs on and which alias names it; each choice goes into the address at once. */
export function VersionFilters({ action, keep, filter }: Props) {
  const words = useWords();
  const text = words.models.filters;
  return (
    <Form
      action={action}
      role="search"
      aria-label={text.label}
      key={JSON.stringify(filter)}
      onChange={(event) => event.currentTarget.requestSubmit()}
      className="flex flex-wrap items-center gap-2 max-md:w-full"
    >
      {Object.entries(keep).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <Choice name="engine" label={words.models.facts.engine} value={filter.engine} options={ENGINES} any={text.anyEngine} />
      <Choice name="precision" label={words.models.facts.precision} value={filter.precision} options={PRECISIONS} any={text.anyPrecision} />
      <input
        name="alias"
        aria-label={text.alias}
        placeholder={text.alias}
        defaultValue={filter.alias ?? ""}
        pattern="[a-z][a-z0-9\-]*"
        maxLength={60}
        autoComplete="off"
        spellCheck={false}
        className={cn(inputLook, "w-36 max-md:w-full")}
      />
      <noscript>
        <Button type="submit">{words.actions.filter}</Button>
      </noscript>
    </Form>
  );
}

type ChoiceProps = { name: string; label: string; value: string | undefined; options: readonly string[]; any: string };

function Choice({ name, label, value = "", options, any }: ChoiceProps) {
  return (
    <select name={name} aria-label={label} defaultValue={value} className={cn(inputLook, "w-auto pr-7 max-md:grow")}>
      <option value="">{any}</option>
      {options.map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </select>
  );
}
