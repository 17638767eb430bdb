import { plural } from "../plural";
import type { Fill } from "../types";

/** Words of the gateways page. */
export const gateways = {
  title: "Gateways",
  about: "of the whole installation",
  verdict: {
    none: "No gateway is live: applications get no answer.",
    noneDetail: "Start a gateway, or look why the ones below do not report. What they are configured with stays on their disks.",
    agree: (p: { count: Fill; generation: Fill }) =>
      Number(p.count) === 1
        ? `The one live gateway serves the newest configuration, generation ${p.generation}.`
        : `All ${p.count} live gateways serve the newest configuration, generation ${p.generation}.`,
    agreeDetail: "What is saved in the console holds for every request that arrives now.",
    behind: (p: { behind: Fill; live: Fill }) =>
      `${p.behind} of ${plural(p.live, "live gateway does", "live gateways do")} not serve the newest configuration.`,
    behindDetail:
      "They go on with the last one that they took: a change that was saved since does not hold there yet. A rollout step waits for them, a roll back does not.",
    refused: (p: { count: Fill }) => `${plural(p.count, "gateway raises an alarm", "gateways raise an alarm")} about its configuration.`,
    refusedDetail: "It goes on with the last good one. What is wrong stands below; it does not mend itself by waiting.",
  },
  facts: {
    newest: "Newest generation",
    epoch: "Epoch",
    published: "Published",
    live: "Live gateways",
    waiting: "Usage waiting",
    noSnapshot: "none published yet",
  },
  table: {
    title: "Who serves which configuration",
    sub: "as each said last, once a second",
    gateway: "Gateway",
    state: "State",
    generation: "Generation",
    inFlight: "In flight",
    spool: "Usage waiting",
    heard: "Heard",
    started: "Started",
    version: "Version",
    epoch: (p: { epoch: Fill }) => `epoch ${p.epoch}`,
    behindBy: (p: { count: Fill }) => `${plural(p.count, "configuration", "configurations")} behind`,
    sinceAtLeast: "since",
    spoolOf: (p: { bytes: Fill; most: Fill }) => `${p.bytes} of at most ${p.most}`,
    spoolOldest: (p: { age: Fill }) => `oldest ${p.age} old`,
    spoolStates: { slow: "disk is slow", filling: "needs a look", refusing: "takes no new requests" },
    records: (p: { count: Fill }) => plural(p.count, "record", "records"),
  },
  spoolTitle: (p: { gateway: Fill }) => `${p.gateway}: alarm about its usage`,
  spoolRefuses: "It takes no new requests until this is over, because it could not record what they use.",
  refusedTitle: (p: { gateway: Fill }) => `${p.gateway}: alarm about its configuration`,
  refusedSince: "since",
  empty: "No gateway has reported yet",
  emptyAbout: "A gateway answers the applications. It reports here within a second of its start.",
  all: "All gateways",
};
