export { PointerName } from "./api";
export { MODEL_ALIAS_APPROVAL_KIND, toPointerKind, type VersionShown } from "./kinds";
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
export { isProtectedName, type PointerRef } from "./store";
