export { checkRelease } from "./check-release";
export { changeBackend, createBackend, getBackend, listBackends, testBackend } from "./manage-backends";
