export { describeMover } from "./rules/describe-mover";
export { findMover, type Mover, takeNumber } from "./store";
