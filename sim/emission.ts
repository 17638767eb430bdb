import { type Head, usageOf } from "./answer-shapes";
import { startPace } from "./pace";
import { endRun, type Run, tokenMsNow } from "./run";

/** Nobody sees the tokens of a whole answer come, so it moves on by cache blocks: a sixteenth of the timers. */
const KV_BLOCK_TOKENS = 16;
const DONE = "data: [DONE]\n\n";

function headOf({ id, model }: Run): Head {
  return { id, created: Math.floor(Date.now() / 1000), model: model.name };
}

/** Tokens that are out after a step: the first alone, then `interval` at a time. */
function tokensAfter(step: number, { interval, last }: { interval: number; last: number }): number {
  return Math.min(last, 1 + step * interval);
}

function stepsFor({ interval, last }: { interval: number; last: number }): number {
  return 1 + Math.ceil(Math.max(0, last - 1) / interval);
}

/** Sends the answer as server-sent events, `streamInterval` tokens an event. */
export function startStream(run: Run): void {
  const { response, shape, plan, model } = run;
  const head = headOf(run);
  const prefix = `data: ${JSON.stringify({ id: head.id, object: shape.chunkObject, created: head.created, model: head.model }).slice(0, -1)}`;
  const event = (choice: unknown) => `${prefix},"choices":[${JSON.stringify(choice)}]}\n\n`;
  const { isCut, cutAt } = run.fate;
  const size = { interval: model.profile().streamInterval, last: isCut ? Math.max(1, Math.floor(run.longest * cutAt)) : run.longest };

  const stepText = (step: number): string => {
    const [from, to] = [step === 0 ? 0 : tokensAfter(step - 1, size), tokensAfter(step, size)];
    let text = "";
    for (const [index, choice] of plan.choices.entries()) {
      const { length } = choice.pieces;
      if (step === 0 && shape.first) text += event(shape.first(choice, index));
      if (from < length) text += event(shape.delta(choice, index, choice.pieces.slice(from, to).join("")));
      const endsHere = length <= to && (length > from || step === 0);
      if (endsHere && !(isCut && length === run.longest)) text += event(shape.last(choice, index));
    }
    run.steps = to;
    return text;
  };

  const writeSteps = (from: number, to: number): void => {
    if (from === 0) {
      run.firstTokenAt = performance.now();
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
    }
    let text = "";
    for (let step = from; step < to; step += 1) text += stepText(step);
    response.write(text);
  };

  const finish = (): void => {
    if (isCut) {
      endRun(run, "cut", 200);
      breakOff(run, "");
      return;
    }
    const usage = run.includeUsage ? `${prefix},"choices":[],"usage":${JSON.stringify(usageOf(plan))}}\n\n` : "";
    endRun(run, "complete", 200);
    response.end(usage + DONE);
  };

  run.cancel = startPace({
    steps: stepsFor(size),
    firstMs: run.fate.ttftMs,
    stepMs: (step) => tokenMsNow(run) * (tokensAfter(step, size) - tokensAfter(step - 1, size)),
    onSteps: writeSteps,
    onDone: finish,
  });
}

/** Sends the answer as one JSON body once its last token is due. */
export function startWhole(run: Run): void {
  const { response, shape, plan } = run;
  const finish = (): void => {
    run.steps = run.longest;
    const body = Buffer.from(JSON.stringify(shape.whole(headOf(run), plan)), "utf8");
    const isEarlyEnd = run.fate.isCut && run.model.profile().cutHow === "end";
    const length = isEarlyEnd ? {} : { "content-length": body.length };
    response.writeHead(200, { "content-type": "application/json", ...length });
    if (run.fate.isCut) {
      endRun(run, "cut", 200);
      breakOff(run, body.subarray(0, Math.max(1, Math.floor(body.length * run.fate.cutAt))));
      return;
    }
    endRun(run, "complete", 200);
    response.end(body);
  };
  const size = { interval: KV_BLOCK_TOKENS, last: run.longest };
  run.cancel = startPace({
    steps: stepsFor(size),
    firstMs: run.fate.ttftMs,
    stepMs: (step) => tokenMsNow(run) * (tokensAfter(step, size) - tokensAfter(step - 1, size)),
    onSteps: (_from, to) => {
      run.firstTokenAt ??= performance.now();
      run.steps = tokensAfter(to - 1, size);
    },
    onDone: finish,
  });
}

function breakOff({ response, model }: Run, rest: Buffer | string): void {
  if (model.profile().cutHow === "end") {
    response.end(rest);
    return;
  }
  // The bytes must be on the wire before the connection drops, or the client would see no answer at all.
  response.write(rest.length > 0 ? rest : ":\n\n", () => response.destroy());
}
