export { findNewestSnapshot, publishSnapshot } from "./publish-snapshot";
