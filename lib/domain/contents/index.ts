export { deleteContentCapture, getContentCapture, putContentCapture } from "./manage-capture";
export { eraseRequestContents, getRequestContent } from "./read-content";
export { type SealedContent, saveContents, sweepContents } from "./store";
