export { MODEL_VERSION_APPROVAL_KIND } from "./approve-version";
export { changeModelVersionState, listModelVersionTransitions } from "./change-state";
export { createModel, getModel, getModelVersion, listModels, listModelVersions } from "./manage-models";
export { addModelVersionScores, listModelScores, listModelVersionScores } from "./manage-scores";
export { compareModelVersions, getModelVersionLineage } from "./read-relations";
export { createModelVersion } from "./register-version";
export { reconcileVerifications, runVerification } from "./run-verification";
export { getModelVersionVerification, verifyModelVersion } from "./verify-version";
