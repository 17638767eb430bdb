export { countOutbox, listWaiting, markDone, markFailed, markRelayed, type OutboxRow } from "./store";
