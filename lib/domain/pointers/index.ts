export { POINTER_APPROVAL_KINDS } from "./kinds";
export {
  getModelAlias,
  getModelAliasHistory,
  listModelAliases,
  moveModelAlias,
  removeModelAlias,
  restoreModelAlias,
} from "./manage-aliases";
export { type Moved, movePointer, removePointer, restorePointer } from "./move-pointer";
export { pageMoves, readPointerAt } from "./read-pointer";
export type { PointerRef } from "./store";
