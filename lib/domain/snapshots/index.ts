export { findNewestSnapshot, publishSnapshot } from "./publish-snapshot";
export { raiseEpoch } from "./raise-epoch";
