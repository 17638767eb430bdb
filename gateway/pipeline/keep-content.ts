import { toContentKey } from "@/lib/infra/sealed-content";
import type { RuntimeProject } from "../config/runtime-config";
import { Capture, isSampled } from "../content/capture";
import { isObject } from "../operations/fields";
import { readSseData, SseSplitter } from "../providers/sse-splitter";
import { MAX_EVENT_BYTES } from "./relay-stream";
import type { Ask, CacheTurn, Caller, RequestState } from "./request-state";

const keys = new WeakMap<RuntimeProject, Buffer>();

function keyOf(project: RuntimeProject, subjectKey: string): Buffer {
  const key = keys.get(project) ?? toContentKey(subjectKey);
  keys.set(project, key);
  return key;
}

/** null for nearly every request: its endpoint keeps nothing, it is not in the sample, or no application asked. */
export function openCapture(state: RequestState, caller: Caller, ask: Ask): Capture | null {
  const { capture } = ask.endpoint;
  const { project } = caller.key.scope;
  if (capture === null || caller.internal !== null || ask.fields === null || project.subjectKey === null) return null;
  return isSampled(state.requestId, capture.sampleBps) ? new Capture(capture, keyOf(project, project.subjectKey)) : null;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** What a stored answer says, in the form that it is stored in. */
function addStored(capture: Capture, { given }: CacheTurn, { operation, ask }: RequestState): void {
  if (given === null) return;
  const { textOf } = operation.createMeter();
  capture.begin();
  if (ask?.streamed !== true) capture.addChoices(parseObject(given.body.toString("utf8")), textOf);
  else
    new SseSplitter(MAX_EVENT_BYTES).push(given.body, (bytes) => {
      const data = readSseData(bytes);
      if (data !== null) capture.addChoices(parseObject(data), textOf);
    });
}

/** The caller's own words: what stands in the field of the prompt, and what the endpoint's prompt is filled with. */
function toQuestion({ operation }: RequestState, fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { contentField } = operation;
  const own = contentField === null || fields[contentField] === undefined ? {} : { [contentField]: fields[contentField] };
  const { variables } = isObject(fields.switchyard) ? fields.switchyard : {};
  return { ...own, ...(variables === undefined || variables === null ? {} : { variables }) };
}

function makeAndKeep(state: RequestState, capture: Capture): void {
  const { caller, ask, cache, gateway, requestId } = state;
  if (caller === null || ask === null || ask.fields === null) return;
  if (cache !== null && cache.given !== null) addStored(capture, cache, state);
  const { text, masked } = capture.toText(toQuestion(state, ask.fields));
  const note = {
    requestId,
    projectId: caller.key.scope.project.id,
    endpointId: ask.endpoint.id,
    at: state.atMs,
    subjectHash: ask.subjectHash,
    masked,
  };
  gateway.contents.keep({ note, text, key: capture.key });
}

/**
 * Keeps the content of a sampled request that a backend was called for or a stored answer was given to, once it is over and its event is
 * in the spool. Never throws: nothing that goes wrong here is told to the client, or takes anything from the event.
 */
export function keepContent(state: RequestState): void {
  const { capture, gateway } = state;
  if (capture === null || (state.attempts === 0 && state.cache?.given == null)) return;
  try {
    makeAndKeep(state, capture);
  } catch (error) {
    gateway.logger.debug({ err: error, requestId: state.requestId }, "a request's content could not be kept");
    gateway.contents.countFailed();
  }
}
