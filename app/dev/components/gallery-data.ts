import type { GateRow } from "@/components/charts/gate-table";
import type { ShellData } from "@/components/shell/types";

// Invented figures for the gallery only; no page of the product reads them.

export const shell: ShellData = {
  organisation: "Haneul Commerce",
  project: { slug: "dev", name: "support-ai" },
  projects: [
    { slug: "dev", name: "support-ai" },
    { slug: "search", name: "search-ranking" },
  ],
  environments: ["production", "staging", "dev"],
  nav: [
    { id: "overview", href: "/dev/components" },
    { id: "needsYou", href: "/dev/needs-you", count: 4, hot: true },
    { id: "endpoints", href: "/dev/endpoints" },
    { id: "rollouts", href: "/dev/rollouts", count: 2 },
    { id: "approvals", href: "/dev/approvals", count: 1 },
    { id: "experiments", href: "/dev/experiments", count: 2 },
    { id: "models", href: "/dev/models", projectWide: true },
    { id: "prompts", href: "/dev/prompts", projectWide: true },
    { id: "backends", href: "/dev/backends" },
    { id: "drift", href: "/dev/drift", count: 2 },
    { id: "requests", href: "/dev/requests" },
    { id: "costs", href: "/dev/costs" },
    { id: "audit", href: "/dev/audit", projectWide: true },
    { id: "settings", href: "/dev/settings", projectWide: true },
  ],
  user: { name: "Sofia Lind", email: "sofia@example.com", role: "Approver" },
  palette: [
    { id: "rb1", group: "act", label: "Roll back support-chat to r41…", href: "/dev/components?dialog=rollback", keywords: ["undo"] },
    { id: "rb2", group: "act", label: "Roll back ticket-triage to r8…", href: "/dev/components?dialog=rollback-triage" },
    { id: "ro324", group: "goTo", label: "Rollout 324, support-chat r41 → r42", href: "/dev/rollouts/324" },
    { id: "docs-rollback", group: "docs", label: "How rollback works", href: "/docs" },
  ],
};

const gate = (id: string, name: string, rest: Omit<GateRow, "id" | "name" | "spokenName">): GateRow => ({
  id,
  name,
  spokenName: name,
  ...rest,
});

export const gates: GateRow[] = [
  gate("error", "Error ratio", {
    limitText: "≤ 1.00\u00a0%",
    newText: "0.44\u00a0%",
    runningText: "0.38\u00a0%",
    differenceText: "+0.06\u00a0pp",
    bullet: { value: 0.0044, low: 0.0035, high: 0.0054, baseline: 0.0038, limit: 0.01, direction: "max" },
    samples: 18_716,
    needed: 1000,
    verdict: "pass",
  }),
  gate("p95", "Latency p95", {
    limitText: "≤ 4.00\u00a0s",
    newText: "4.31\u00a0s",
    runningText: "3.31\u00a0s",
    differenceText: "+30.2\u00a0%",
    bullet: { value: 4.31, low: 4.22, high: 4.42, baseline: 3.31, limit: 4, direction: "max" },
    samples: 18_716,
    verdict: "fail",
  }),
  gate("helpful", "Helpfulness, LLM judge", {
    limitText: "≥ baseline −0.05",
    newText: "4.31 of 5",
    runningText: "4.22 of 5",
    differenceText: "+0.09",
    bullet: { value: 4.31, low: 4.21, high: 4.42, baseline: 4.22, limit: 4.17, direction: "min" },
    samples: 612,
    needed: 1000,
    verdict: "inconclusive",
  }),
  gate("cost", "Cost per request", {
    limitText: "≤ baseline +10\u00a0%",
    newText: null,
    runningText: "$0.00402",
    differenceText: null,
    bullet: { value: null, baseline: 0.00402, limit: 0.00442, direction: "max" },
    samples: 0,
    needed: 1000,
    verdict: "no_data",
    verdictText: "No data 4 min",
  }),
];

const minute = 60_000;
export const startMs = Date.UTC(2026, 10, 20, 12, 58);

// A small fixed generator, so that every screenshot is the same.
function wave(seed: number, { base, swing, count }: { base: number; swing: number; count: number }): number[] {
  let state = seed;
  return Array.from({ length: count }, (_, index) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return base + Math.sin(index / 9 + seed) * swing * 0.5 + (state / 2_147_483_648 - 0.5) * swing;
  });
}

const points = (values: readonly number[], hole?: [number, number]) =>
  values.map((value, index) => ({
    atMs: startMs + index * minute,
    value: hole && index >= hole[0] && index < hole[1] ? null : value,
    samples: 1200,
  }));

export const errorSeries = [
  { id: "r41", name: "r41", tone: "control" as const, points: points(wave(3, { base: 0.36, swing: 0.14, count: 92 }), [40, 47]) },
  { id: "r42", name: "r42", tone: "treatment" as const, points: points(wave(8, { base: 0.42, swing: 0.22, count: 92 }), [40, 47]) },
];

export const errorBands = [
  {
    id: "r42-interval",
    tone: "treatment" as const,
    points: (errorSeries[1]?.points ?? []).map(({ atMs, value }) => ({
      atMs,
      low: value === null ? null : value - 0.12,
      high: value === null ? null : value + 0.12,
    })),
  },
];

export const ttftSeries = [
  { id: "r41", name: "r41", tone: "control" as const, points: points(wave(5, { base: 455, swing: 50, count: 92 })) },
  { id: "r42", name: "r42", tone: "treatment" as const, points: points(wave(2, { base: 412, swing: 60, count: 92 })) },
];

export const spark = wave(4, { base: 40, swing: 12, count: 40 });
export const sparkBase = wave(9, { base: 46, swing: 6, count: 40 });

export const bins = [
  [0, 1, 14, 6.5],
  [1, 2, 12, 8],
  [2, 5, 18, 12],
  [5, 10, 16, 11.8],
  [10, 20, 13, 11],
  [20, 50, 11, 12],
  [50, 100, 7, 10],
  [100, 200, 5, 9.9],
  [200, 500, 3, 10.2],
  [500, null, 1, 8.6],
].map(([from, to, reference, current]) => ({
  from: from ?? null,
  to: to ?? null,
  reference: (reference ?? 0) / 100,
  current: (current ?? 0) / 100,
}));

export const categories = [
  { name: "groceries", reference: 0.31, current: 0.22 },
  { name: "electronics", reference: 0.18, current: 0.29 },
  { name: "fashion", reference: 0.27, current: 0.24 },
  { name: "books", reference: 0.14, current: 0.13 },
  { name: "toys", reference: 0.1, current: 0.12 },
];

export const promptBefore = `You are the support assistant of {{shop_name}}.
Answer in {{language}}.
Answer as completely as possible.
Use only what these policies say: {{policies}}
Do not mention competitors.`;
export const promptAfter = `You are the support assistant of {{shop_name}}.
Answer in {{language}}.
Answer in at most five sentences.
Use only what these policies say: {{policies}}
If the policies do not answer the question, say so and offer a person.
Do not promise refunds, dates or amounts.`;
