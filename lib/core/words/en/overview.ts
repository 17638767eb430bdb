import { plural } from "../plural";
import type { Fill } from "../types";

/** Words of the overview pages. */
export const overview = {
  title: "Overview",
  needsYou: "Needs you",
  needsYouSub: "worst first",
  openItems: (p: { count: Fill }) => `${p.count} open, worst first`,
  nothingWaits: "Nothing waits for you.",
  endpoints: "Endpoints",
  inProgress: "In progress",
  empty: "No endpoint yet",
  emptyAbout: "An endpoint is the stable name that an application calls. Register a model, add a backend, then create the endpoint.",
  serving: (p: { count: Fill; environment: Fill }) => `${plural(p.count, "endpoint", "endpoints")} in ${p.environment}.`,
  gatewaysAgree: (p: { count: Fill; generation: Fill }) =>
    Number(p.count) === 1
      ? `The one gateway serves configuration generation ${p.generation}.`
      : `All ${p.count} gateways serve configuration generation ${p.generation}.`,
  gatewaysDiffer: (p: { count: Fill; all: Fill; generation: Fill }) =>
    `${p.count} of ${plural(p.all, "gateway", "gateways")} serve configuration generation ${p.generation}.`,
  noGateways: "No gateway reports.",
  compared: (p: { window: Fill }) => `Compared with the ${p.window} before.`,
  rangeLabel: "Time range",
  ranges: { "1h": "1 h", "24h": "24 h", "7d": "7 d", "30d": "30 d" },
  windows: { "1h": "hour", "24h": "24 hours", "7d": "7 days", "30d": "30 days" },
  lastRange: (p: { range: Fill; environment: Fill }) => `last ${p.range}, ${p.environment}`,
  tiles: {
    label: "Traffic",
    requests: "Requests",
    perMinute: "/min",
    errors: "Error ratio",
    latency: "Latency p95",
    firstToken: "First token p95",
    spend: "Spend",
    none: "no data",
    noRequests: "no requests in this window",
    noStreams: "no streamed answer in this window",
    noJudged: "no answered request in this window",
    noBefore: (p: { window: Fill }) => `no requests in the ${p.window} before`,
  },
  columns: {
    endpoint: "Endpoint",
    split: "Live traffic split",
    perMinute: "Requests /min",
    errors: "Errors %",
    firstToken: "First token p95, s",
    perThousand: "$ per 1,000",
    state: "State",
  },
  allEndpoints: (p: { count: Fill }) => `All ${p.count}`,
  allRollouts: "All rollouts",
  allExperiments: "All experiments",
  gateways: "Gateways",
  generation: (p: { generation: Fill }) => `generation ${p.generation}`,
  gatewayColumns: { gateway: "Gateway", generation: "Generation", inFlight: "In flight", spool: "Waiting to be counted", state: "State" },
  gatewayStates: { live: "Live", silent: "Silent", gone: "Gone", behind: "Behind" },
  noneInProgress: "No rollout and no experiment is under way.",
  noneInProgressLink: "Start a rollout",
  noGatewayCard: "No gateway has reported yet. Applications get no answer until one runs.",
  needs: {
    gatewayRefuses: (p: { gateway: Fill }) => `Gateway ${p.gateway} refuses the newest configuration`,
    gatewaySilent: (p: { gateway: Fill }) => `Gateway ${p.gateway} is silent`,
    gatewaySilentDetail: "what it serves is not known; no rollout step begins until it reports",
    gatewayGone: (p: { gateway: Fill }) => `Gateway ${p.gateway} is gone`,
    gatewayGoneDetail: "its canaries have fallen back to the running release by themselves",
    noGateway: "No gateway is live",
    noGatewayDetail: "applications get no answer",
    rolloutFails: (p: { endpoint: Fill; number: Fill }) => `${p.endpoint} rollout ${p.number} has a failing gate`,
    rolloutPaused: (p: { endpoint: Fill; number: Fill }) => `${p.endpoint} rollout ${p.number} is paused`,
    rolloutPausedDetail: (p: { share: Fill; release: Fill }) => `${p.release} keeps ${p.share}; it rolls back by itself if nobody goes on`,
    rolloutFailsDetail: (p: { share: Fill; release: Fill }) =>
      `${p.release} has ${p.share}; it rolls back by itself if the gate fails again`,
    rolloutShort: (p: { endpoint: Fill; number: Fill }) => `${p.endpoint} rollout ${p.number} has too few samples`,
    rolloutShortDetail: (p: { share: Fill; release: Fill }) => `${p.release} has ${p.share}; too little data is never a pass`,
    rolledBack: (p: { endpoint: Fill; release: Fill }) => `${p.endpoint} ${p.release} was rolled back`,
    notServing: (p: { endpoint: Fill }) => `${p.endpoint} serves nothing yet`,
    notServingDetail: (p: { count: Fill }) =>
      Number(p.count) === 0
        ? "it has no release; create the first one"
        : `${plural(p.count, "release waits", "releases wait")} to be activated`,
    unpriced: (p: { count: Fill }) => `${plural(p.count, "request has", "requests have")} no price`,
    unpricedDetail: "their model is not in the price book, so their cost is in no sum",
    budgetUsed: (p: { name: Fill }) => `Budget ${p.name} is used up`,
    budgetBlocks: (p: { spent: Fill; limit: Fill }) =>
      `${p.spent} of ${p.limit} spent, the rest is leased; gateways refuse what does not fit`,
    budgetNotifies: (p: { spent: Fill; limit: Fill }) => `${p.spent} spent, the limit is ${p.limit}; it only notifies`,
    rollsBackIn: (p: { age: Fill }) => `rolls back ${p.age}`,
    open: {
      gateways: "Open gateways",
      rollout: "Open rollout",
      endpoint: "Open endpoint",
      requests: "Open requests",
      budget: "Open budget",
    },
  },
};
