export { listPlaygroundTargets } from "./list-targets";
export { startPlaygroundRun } from "./start-run";
