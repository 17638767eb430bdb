import {
  Activity,
  BookOpen,
  Box,
  FlaskConical,
  Gauge,
  GitBranch,
  Inbox,
  LayoutDashboard,
  ListChecks,
  Logs,
  type LucideIcon,
  MessageSquareCode,
  ScrollText,
  Server,
  Settings,
  Shield,
  Siren,
  Split,
  SquareTerminal,
  Stamp,
  Wallet,
  Waves,
} from "lucide-react";
import type { Words } from "@/lib/core/words";

export type NavId = keyof Words["shell"]["nav"];
export type NavGroupId = keyof Words["shell"]["groups"];

type Place = { icon: LucideIcon; group: NavGroupId | null; key?: string };

/** Where each main page stands in the sidebar, its icon, and its letter after G. The order is the sidebar's. */
export const navMap: Record<NavId, Place> = {
  overview: { icon: LayoutDashboard, group: null, key: "o" },
  needsYou: { icon: Inbox, group: null },
  endpoints: { icon: Split, group: "release" },
  rollouts: { icon: GitBranch, group: "release", key: "r" },
  approvals: { icon: Stamp, group: "release", key: "a" },
  experiments: { icon: FlaskConical, group: "release", key: "e" },
  models: { icon: Box, group: "registry", key: "m" },
  prompts: { icon: MessageSquareCode, group: "registry", key: "p" },
  playground: { icon: SquareTerminal, group: "registry", key: "y" },
  backends: { icon: Server, group: "registry" },
  evaluations: { icon: ListChecks, group: "quality" },
  drift: { icon: Waves, group: "quality", key: "d" },
  guardrails: { icon: Shield, group: "quality" },
  monitoring: { icon: Activity, group: "operate" },
  alerts: { icon: Siren, group: "operate" },
  requests: { icon: Logs, group: "operate" },
  costs: { icon: Wallet, group: "money", key: "c" },
  capacity: { icon: Gauge, group: "money" },
  audit: { icon: ScrollText, group: "project" },
  settings: { icon: Settings, group: "project" },
  docs: { icon: BookOpen, group: "project" },
};

const navOrder = Object.keys(navMap) as NavId[];
const groupOrder: readonly (NavGroupId | null)[] = [null, "release", "registry", "quality", "operate", "money", "project"];

/** The given pages in the sidebar's groups and order; a group without a page does not appear. */
export function groupNav<Item extends { id: NavId }>(items: readonly Item[]): { group: NavGroupId | null; items: Item[] }[] {
  const sorted = [...items].sort((a, b) => navOrder.indexOf(a.id) - navOrder.indexOf(b.id));
  return groupOrder
    .map((group) => ({ group, items: sorted.filter((item) => navMap[item.id].group === group) }))
    .filter((part) => part.items.length > 0);
}
