export { createModel, createModelVersion, getModel, getModelVersion, listModels, listModelVersions } from "./manage-models";
