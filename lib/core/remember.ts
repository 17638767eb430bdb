/**
 * A pure function of a text that keeps its last answers: what it gives is the same, only sooner. It forgets everything when it holds
 * `limit` of them, so no text stays for ever.
 */
export function remember<T>(compute: (text: string) => T, limit = 10_000): (text: string) => T {
  const answers = new Map<string, { readonly value: T }>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known.value;
    const value = compute(text);
    if (answers.size >= limit) answers.clear();
    answers.set(text, { value });
    return value;
  };
}
