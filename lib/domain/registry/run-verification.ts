import { type ArtifactProblemCode, stateOfProblem } from "@/lib/core/artifacts";
import { hashArtifact } from "@/lib/infra/artifacts/hash-artifact";
import { ArtifactError } from "@/lib/infra/artifacts/source";
import { newId } from "@/lib/infra/ids";
import { writeOutbox } from "@/lib/infra/outbox";
import { appendEvent } from "../audit";
import { artifactSettings, settings } from "../settings";
import { CHECK_STATES, toOverallState } from "./rules/version-state";
import {
  type CheckEnd,
  type CheckRow,
  claimVerification,
  endCheck,
  endOverdue,
  endVerification,
  findVerification,
  type Hold,
  inVerificationTransaction,
  keepLease,
  listOverdue,
  startCheck,
  takeForgotten,
} from "./store/verifications";

const VERIFIER = "artifact-verifier";
/** A worker that was killed is found out after this long. */
const LEASE_MS = 10_000;
const PROGRESS_EVERY_MS = 1_000;
/** Longer than a job usually waits in the queue. */
const ASK_AGAIN_MS = 20_000;
/** Pauses before an artifact is tried once more, where the store only stumbled. */
const PAUSES_MS = [1_000, 5_000] as const;

/** Thrown into a reading whose verification is somebody else's by now, or over. */
class LostHold extends Error {
  override readonly name = "LostHold";
}

const toCheckStates = (checks: readonly CheckRow[]) => checks.map((c) => CHECK_STATES.find((s) => s === c.state) ?? "failed");

const failed = (problem: ArtifactProblemCode, detail: string, bytesDone: number): CheckEnd => ({
  state: stateOfProblem(problem),
  bytesDone,
  actual: null,
  problem,
  detail,
});

/** Renews the lease and shows the progress once a second, whether bytes come or not. */
function startHeartbeat(hold: Hold, position: number, readBytes: () => number) {
  const lost = new AbortController();
  let writing: Promise<void> = Promise.resolve();
  let isWriting = false;
  const beat = async () => {
    try {
      if (!(await keepLease(hold, { leaseMs: LEASE_MS, position, bytesDone: readBytes() }))) lost.abort(new LostHold());
    } catch {
      // PostgreSQL is away for a moment: the lease decides, not this beat.
    } finally {
      isWriting = false;
    }
  };
  const timer = setInterval(() => {
    if (isWriting) return;
    isWriting = true;
    writing = beat();
  }, PROGRESS_EVERY_MS);
  return {
    signal: lost.signal,
    async stop() {
      clearInterval(timer);
      await writing;
    },
  };
}

async function readOnce(check: CheckRow, signal: AbortSignal, onBytes: (bytes: number) => void): Promise<CheckEnd> {
  const expected = { uri: check.uri, sha256: check.sha256, sizeBytes: Number(check.sizeBytes) };
  const options = { ...artifactSettings(), privateHosts: settings().privateHosts, signal, onBytes };
  const actual = await hashArtifact(expected, options);
  const end = { bytesDone: actual.bytes, actual };
  if (actual.sha256 === check.sha256) return { ...end, state: "verified", problem: null, detail: "" };
  return { ...end, state: "mismatch", problem: "hash_differs", detail: `Its SHA-256 is ${actual.sha256}.` };
}

async function readArtifact(check: CheckRow, signal: AbortSignal, onBytes: (bytes: number) => void): Promise<CheckEnd> {
  let bytes = 0;
  const count = (done: number) => {
    bytes = done;
    onBytes(done);
  };
  for (let attempt = 0; ; attempt++) {
    try {
      return await readOnce(check, signal, count);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ArtifactError)) throw error;
      const pauseMs = PAUSES_MS[attempt];
      if (!error.isPassing || pauseMs === undefined) return failed(error.code, error.detail, bytes);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

async function runCheck(hold: Hold, check: CheckRow): Promise<void> {
  if (!(await startCheck(hold, check.position))) throw new LostHold();
  let bytes = 0;
  const heartbeat = startHeartbeat(hold, check.position, () => bytes);
  let end: CheckEnd;
  try {
    end = await readArtifact(check, heartbeat.signal, (done) => {
      bytes = done;
    });
  } finally {
    await heartbeat.stop();
  }
  if (!(await endCheck(hold, check.position, end))) throw new LostHold();
}

/** Ends the verification with the worst of its artifacts' states and its one audit event. */
async function conclude(hold: Hold): Promise<boolean> {
  return inVerificationTransaction(async (tx) => {
    const row = await findVerification(hold.id, tx);
    if (row === null) return false;
    const state = toOverallState(toCheckStates(row.checks));
    if ((await endVerification(tx, hold, state)) === null) return false;
    const count = (wanted: string) => row.checks.filter((c) => c.state === wanted).length;
    await appendEvent(tx, {
      chain: row.projectId,
      actor: { kind: "system", id: VERIFIER, name: VERIFIER },
      requestId: newId("request"),
      draft: {
        action: "model-version.verification-ended",
        objectKind: "model-version",
        objectId: row.versionId,
        objectName: `${row.version.model.name} v${row.version.number}`,
        details: {
          verificationId: row.id,
          result: state,
          verified: count("verified"),
          mismatch: count("mismatch"),
          absent: count("absent"),
          failed: count("failed"),
        },
      },
    });
    return true;
  });
}

/**
 * Reads the artifacts of one verification, one after the other; those that an earlier holder finished stay finished. Run twice at once,
 * the second finds it held and returns; killed on any line, the next holder goes on with the artifact that was being read. Returns
 * whether this run ended it.
 */
export async function runVerification(verificationId: string): Promise<boolean> {
  const hold = await claimVerification(verificationId, LEASE_MS);
  if (hold === null) return false;
  const row = await findVerification(verificationId);
  if (row === null) return false;
  try {
    for (const check of row.checks) if (check.endedAt === null) await runCheck(hold, check);
    return await conclude(hold);
  } catch (error) {
    if (error instanceof LostHold) return false;
    throw error;
  }
}

/** Ends what is overdue, and asks again for what nobody works on: a killed worker, an emptied queue. */
export async function reconcileVerifications(): Promise<{ ended: number; asked: number }> {
  let ended = 0;
  for (const row of await listOverdue()) {
    const hold = await inVerificationTransaction((tx) =>
      endOverdue(tx, row, { problem: "deadline", detail: "It was not over by the verification's deadline." }),
    );
    if (hold !== null && (await conclude(hold))) ended++;
  }
  const asked = await inVerificationTransaction(async (tx) => {
    const ids = await takeForgotten(tx, ASK_AGAIN_MS);
    await writeOutbox(
      tx,
      ids.map((verificationId) => ({ job: "verify-artifacts", payload: { verificationId } })),
    );
    return ids.length;
  });
  return { ended, asked };
}
