import type { NavItem } from "@/components/shell/types";

/** The pages that exist; a page that is added adds its line. */
const PAGES = [
  { id: "overview", path: "" },
  { id: "endpoints", path: "/endpoints" },
  { id: "rollouts", path: "/rollouts" },
  { id: "experiments", path: "/experiments" },
  { id: "approvals", path: "/approvals", projectWide: true },
  { id: "models", path: "/models", projectWide: true },
  { id: "prompts", path: "/prompts", projectWide: true },
  { id: "playground", path: "/playground" },
  { id: "backends", path: "/backends" },
  { id: "evaluations", path: "/evaluation-sets", projectWide: true },
  { id: "drift", path: "/drift" },
  { id: "requests", path: "/requests" },
  { id: "costs", path: "/budgets" },
  { id: "audit", path: "/audit", projectWide: true },
  { id: "settings", path: "/settings", projectWide: true },
] as const satisfies readonly (Pick<NavItem, "id" | "projectWide"> & { path: string })[];

/** `toDecide`: requests that wait for this person, as the badge of the approvals. */
export function toNav(slug: string, toDecide: number): NavItem[] {
  return [
    ...PAGES.map(({ path, ...item }) => ({
      ...item,
      href: `/${slug}${path}`,
      ...(item.id === "approvals" ? { count: toDecide, hot: true } : {}),
    })),
    { id: "docs", href: "/docs/api", projectWide: true },
  ];
}
