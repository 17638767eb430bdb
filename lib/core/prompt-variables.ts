/** A variable as a prompt declares it, as far as its value goes. */
export interface DeclaredVariable {
  readonly name: string;
  readonly type: "string" | "number" | "integer" | "boolean";
  readonly required: boolean;
  readonly default: string | number | boolean | null;
}

/** What is wrong with the values that were given for a prompt's variables. */
export interface VariableFault {
  readonly name: string;
  readonly why: string;
}

const ACCEPTS: Readonly<Record<DeclaredVariable["type"], { readonly test: (value: unknown) => boolean; readonly wanted: string }>> = {
  string: { test: (v) => typeof v === "string", wanted: "a text" },
  number: { test: (v) => typeof v === "number" && Number.isFinite(v), wanted: "a number" },
  integer: { test: (v) => Number.isSafeInteger(v), wanted: "a whole number" },
  boolean: { test: (v) => typeof v === "boolean", wanted: "true or false" },
};

/**
 * The text of each declared variable: what was given, else its default, else nothing where it is not required. `known`: names that may be
 * given although this prompt does not declare them. With faults the values are not whole and must not be used.
 */
export function fillVariables(
  declared: readonly DeclaredVariable[],
  given: ReadonlyMap<string, unknown>,
  { known, stranger }: { readonly known: ReadonlySet<string>; readonly stranger: string },
): { readonly values: ReadonlyMap<string, string>; readonly faults: readonly VariableFault[] } {
  const values = new Map<string, string>();
  const faults: VariableFault[] = [...given.keys()].filter((name) => !known.has(name)).map((name) => ({ name, why: stranger }));
  for (const variable of declared) {
    const sent = given.get(variable.name);
    const value = sent === undefined || sent === null ? variable.default : sent;
    if (value === null) {
      if (variable.required) faults.push({ name: variable.name, why: "is required" });
      values.set(variable.name, "");
      continue;
    }
    const rule = ACCEPTS[variable.type];
    if (!rule.test(value)) faults.push({ name: variable.name, why: `must be ${rule.wanted}` });
    values.set(variable.name, String(value));
  }
  return { values, faults };
}
