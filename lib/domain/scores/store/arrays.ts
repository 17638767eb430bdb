/**
 * An array's literal as one text, for what needs no quotes: ids, numbers, days. The driver would look into each of thousands of values for
 * characters that none of them has.
 */
export const list = (values: readonly (string | number)[]): string => `{${values.join(",")}}`;
const SPECIAL = /["\\]/g;
export const texts = (values: readonly string[]): string => `{${values.map((text) => `"${text.replace(SPECIAL, "\\$&")}"`).join(",")}}`;
