export { changeBackend, createBackend, getBackend, listBackends, testBackend } from "./manage-backends";
