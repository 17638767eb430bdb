export { type KeyStatus, readKeyStatus, rotateKeys } from "./rotate-keys";
