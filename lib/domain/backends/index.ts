export { checkRelease } from "./check-release";
export { changeBackend, createBackend, getBackend, listBackends, listBackendUses, testBackend } from "./manage-backends";
