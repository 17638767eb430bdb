import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

// Our own text sizes share the prefix of text colours; without this the merge would drop one of the two.
const merge = extendTailwindMerge({
  extend: {
    classGroups: {
      "font-size": [{ text: ["micro", "small", "base", "body", "h2", "h1", "figure"] }],
      rounded: [{ rounded: ["mark", "control", "card", "dialog"] }],
      shadow: [{ shadow: ["card", "pop", "dialog"] }],
    },
  },
});

/** Joins class names; of two Tailwind classes that set the same property the last one stays. */
export function cn(...values: ClassValue[]): string {
  return merge(clsx(values));
}
