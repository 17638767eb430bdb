/** The folders on the way to one, outermost first: `a/b/` → a (`a/`), b (`a/b/`). */
export function stepsOf(folder: string): { name: string; path: string }[] {
  const names = folder.split("/").filter((name) => name !== "");
  return names.map((name, i) => ({ name, path: `${names.slice(0, i + 1).join("/")}/` }));
}
