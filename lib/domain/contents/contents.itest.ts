import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toPublicKeys, verifySnapshot } from "@/gateway/config/verify-snapshot";
import type { ContentNote, ContentText } from "@/lib/contracts/content";
import { db } from "@/lib/infra/db";
import { newId } from "@/lib/infra/ids";
import { sealContent, toContentKey } from "@/lib/infra/sealed-content";
import { openSecret, secretPlace } from "@/lib/infra/secrets";
import { toPublicKeyText } from "@/lib/infra/signing";
import { hashSubject } from "@/lib/infra/subject-hash";
import {
  call,
  callRefused,
  countAllRows,
  createTestEndpoint,
  createTestProject,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import { listBlocking } from "../budgets";
import { listMoves } from "../rollouts";
import { listScores, postScores } from "../scores";
import { publishSnapshot } from "../snapshots";
import { ingestBatch, maintainUsageLog } from "../usage";
import { testEvent, toSpooled } from "../usage/testing/usage-events";
import {
  deleteContentCapture,
  eraseRequestContents,
  getContentCapture,
  getRequestContent,
  putContentCapture,
  saveContents,
  sweepContents,
} from ".";

const SIGNING_KEY = generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const DAY_MS = 86_400_000;

let domain: TestDomain;
let project: TestProject;
beforeAll(async () => {
  domain = await openTestDomain();
  await maintainUsageLog();
});
beforeEach(async () => {
  project = await createTestProject(domain);
});
afterAll(() => domain.close());

const TEXT: ContentText = { question: '{"messages":[]}', questionCut: false, answers: ["hello [email]"], answerCut: true };

async function subjectKeyOf(owner: TestProject): Promise<string> {
  const { subjectKeySealed } = await db().prisma.project.findUniqueOrThrow({ where: { id: owner.id } });
  return openSecret([domain.kek], subjectKeySealed, secretPlace.subjectKey(owner.id));
}

/** An endpoint that keeps content, and how a gateway's content comes to it. */
async function open(capture: object = { sampleBps: 500 }, owner = project) {
  const endpoint = await createTestEndpoint(owner);
  const at = { params: { name: endpoint.name } };
  const set = (body: object, actor = owner.admin) =>
    call(putContentCapture, actor, { ...at, body: { reason: "to see answers", ...body }, ifMatch: "*" });
  await set(capture);
  const key = toContentKey(await subjectKeyOf(owner));
  const keep = async (parts: Partial<ContentNote> = {}) => {
    const masked = { email: 1, phone: 0, card: 0, secret: 0 };
    const ids = { requestId: newId("request"), projectId: owner.id, endpointId: endpoint.id };
    const note = { ...ids, at: Date.now(), subjectHash: null, masked, ...parts };
    await saveContents([{ note, sealed: await sealContent(key, note, TEXT) }]);
    return note.requestId;
  };
  const end = (deleteKept: "yes" | "no") =>
    call(deleteContentCapture, owner.admin, { ...at, query: { deleteKept, reason: "enough seen" }, ifMatch: "*" });
  const kept = async () => (await call(getContentCapture, owner.viewer, at)).result.kept;
  return { endpoint, at, set, keep, end, kept };
}

const read = (id: string, actor = project.approver) => call(getRequestContent, actor, { params: { id } });
const refusedRead = (id: string, actor = project.approver) => callRefused(getRequestContent, actor, { params: { id } });

async function snapshotCapture(endpointId: string) {
  const { snapshot } = await publishSnapshot({
    signingKey: SIGNING_KEY,
    readMoves: listMoves,
    readBudgets: listBlocking,
    deadmanAfterMs: 60_000,
  });
  const config = verifySnapshot(snapshot, toPublicKeys([toPublicKeyText(SIGNING_KEY)]));
  return config.endpoints.find((e) => e.id === endpointId);
}

describe("how an endpoint keeps content", () => {
  it("is not at all until an admin says so, with a reason, an audit event and a new snapshot", async () => {
    const endpoint = await createTestEndpoint(project);
    const at = { params: { name: endpoint.name } };
    const before = await call(getContentCapture, project.viewer, at);
    expect(before.result).toMatchObject({ capture: null, kept: 0 });
    expect(await snapshotCapture(endpoint.id)).not.toHaveProperty("capture");

    const body = { sampleBps: 100, maxBytes: 1_000, retentionDays: 3, masks: ["phone", "email", "phone"], reason: "to see answers" };
    for (const actor of [project.viewer, project.engineer, project.approver, project.token("releases:write", "read")])
      expect((await callRefused(putContentCapture, actor, { ...at, body, ifMatch: before.etag ?? "" })).code).toBe("forbidden");
    expect((await callRefused(putContentCapture, project.admin, { ...at, body })).code).toBe("precondition_required");
    expect((await callRefused(putContentCapture, project.admin, { ...at, body, ifMatch: "99" })).code).toBe("precondition_failed");
    const { reason: _, ...unreasoned } = body;
    await expect(call(putContentCapture, project.admin, { ...at, body: unreasoned, ifMatch: "*" })).rejects.toThrow();

    const put = await call(putContentCapture, project.admin, { ...at, body, ifMatch: before.etag ?? "" });
    const capture = { sampleBps: 100, maxBytes: 1_000, retentionDays: 3, masks: ["email", "phone"] };
    expect(put.result.capture).toEqual(capture);
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "endpoint.content_capture_set",
      reason: "to see answers",
      details: { before: null, after: capture },
    });
    expect(await readJobs()).toContain("publish-snapshot");
    const { retentionDays: _days, ...told } = capture;
    expect((await snapshotCapture(endpoint.id))?.capture).toEqual(told);

    const ended = await call(deleteContentCapture, project.admin, { ...at, query: { reason: "enough seen" }, ifMatch: put.etag ?? "" });
    expect(ended.result.capture).toBeNull();
    expect(await snapshotCapture(endpoint.id)).not.toHaveProperty("capture");
  });

  it("has bounds, in the schema and in the database", async () => {
    const endpoint = await createTestEndpoint(project);
    const at = { params: { name: endpoint.name }, ifMatch: "*" };
    for (const wrong of [{ sampleBps: 0 }, { sampleBps: 10_001 }, { maxBytes: 65_537 }, { retentionDays: 91 }, { masks: ["name"] }])
      await expect(
        call(putContentCapture, project.admin, { ...at, body: { sampleBps: 1, reason: "to see answers", ...wrong } }),
      ).rejects.toThrow();
    for (const wrong of [{}, { sampleBps: 100, maxBytes: 1_000, retentionDays: 91, masks: [] }])
      await expect(db().prisma.endpoint.update({ where: { id: endpoint.id }, data: { contentCapture: wrong } })).rejects.toThrow();
  });

  it("holds for what is kept already where its time is shorter, and the sweep deletes what is past it", async () => {
    const { set, keep, kept } = await open({ sampleBps: 500, retentionDays: 30 });
    const old = await keep({ at: Date.now() - 5 * DAY_MS });
    const young = await keep();
    expect(await kept()).toBe(2);
    await set({ sampleBps: 500, retentionDays: 90 });
    expect(await kept()).toBe(2);
    await set({ sampleBps: 500, retentionDays: 2 });
    expect((await refusedRead(old)).code).toBe("not_found");
    expect((await read(young)).result.id).toBe(young);
    expect(await sweepContents()).toBe(1);
    expect(await sweepContents()).toBe(0);
    expect(await kept()).toBe(1);
  });

  it("ends at once: what gateways still send is not taken, and what is kept goes only if that is said", async () => {
    const { keep, end, kept } = await open();
    const first = await keep();
    await end("no");
    await keep();
    expect(await kept()).toBe(1);
    expect((await read(first)).status).toBe(200);
    await end("yes");
    expect(await kept()).toBe(0);
    expect((await readTrail(project)).at(-1)).toMatchObject({
      action: "endpoint.content_capture_ended",
      details: { deleted: 1 },
    });
  });
});

describe("what is kept", () => {
  it("is kept once for each request, of its own project's endpoint only, and by no clock that goes ahead for longer", async () => {
    const { keep, kept } = await open({ sampleBps: 500, retentionDays: 1 });
    const requestId = await keep();
    await keep({ requestId });
    expect(await kept()).toBe(1);
    const other = await createTestProject(domain);
    await keep({ projectId: other.id });
    await keep({ endpointId: newId("endpoint") });
    expect(await kept()).toBe(1);
    const ahead = await keep({ at: Date.now() + 400 * DAY_MS });
    const { expiresAt } = (await read(ahead)).result;
    expect(Date.parse(expiresAt)).toBeLessThan(Date.now() + 2 * DAY_MS);
  });

  it("is read by approvers and admins, never by tokens, and each reading is in the audit trail", async () => {
    const { keep } = await open();
    const id = await keep();
    for (const actor of [project.viewer, project.engineer, project.token("read")])
      expect((await refusedRead(id, actor)).code).toBe("forbidden");
    for (const actor of [project.approver, project.admin]) {
      const { result } = await read(id, actor);
      expect(result).toMatchObject({ id, ...TEXT, masked: { email: 1, phone: 0, card: 0, secret: 0 } });
      expect((await readTrail(project)).at(-1)).toMatchObject({ action: "request.content_read", objectId: id });
    }
  });

  it("is not there for another project, exactly as what does not exist, and nothing is written", async () => {
    const { keep } = await open();
    const id = await keep();
    const stranger = await createTestProject(domain);
    const before = await countAllRows();
    expect(await refusedRead(id, stranger.admin)).toEqual(await refusedRead(newId("request"), stranger.admin));
    expect(await countAllRows()).toEqual(before);
  });

  it("is absent with the reason: the endpoint keeps none, or this request is not kept", async () => {
    const { endpoint, end } = await open();
    const event = testEvent({ projectId: project.id, endpointId: endpoint.id });
    await ingestBatch("gw-contents", JSON.stringify(toSpooled([event])));
    expect((await refusedRead(event.requestId)).detail).toMatch("not in the sample");
    await end("no");
    expect((await refusedRead(event.requestId)).detail).toMatch("keeps no content");
  });

  it("does not open when it was moved to another request", async () => {
    const { keep, endpoint } = await open();
    const id = await keep();
    const moved = newId("request");
    await db().pool.query(
      `insert into usage.request_content select $2, project_id, endpoint_id, at, expires_at, subject_hash, masked, sealed
       from usage.request_content where request_id = $1 and endpoint_id = $3`,
      [id, moved, endpoint.id],
    );
    expect((await refusedRead(moved)).detail).toMatch("cannot be opened");
  });

  it("of one person is erased by the name that applications send, in this project alone, and the name is written nowhere", async () => {
    const stranger = await createTestProject(domain);
    const [own, theirs] = [await open(), await open({ sampleBps: 1 }, stranger)];
    const of = async (owner: TestProject, name: string) => ({ subjectHash: hashSubject(await subjectKeyOf(owner), name) });
    await own.keep(await of(project, "Kim"));
    await own.keep(await of(project, "Lee"));
    await own.keep();
    await theirs.keep(await of(stranger, "Kim"));
    const erase = (subject: string, actor = project.admin) =>
      call(eraseRequestContents, actor, { query: { subject, reason: "she asked for it" } });
    const forbidden = { query: { subject: "Kim", reason: "she asked for it" } };
    expect((await callRefused(eraseRequestContents, project.approver, forbidden)).code).toBe("forbidden");
    expect((await erase("Kim")).result).toEqual({ deleted: 1, comments: 0 });
    expect((await erase("Kim")).result).toEqual({ deleted: 0, comments: 0 });
    expect([await own.kept(), await theirs.kept()]).toEqual([2, 1]);
    const trail = await readTrail(project);
    expect(trail.at(-2)).toMatchObject({ action: "request.contents_erased", details: { deleted: 1, comments: 0 } });
    expect(JSON.stringify(trail)).not.toContain("Kim");
  });

  it("goes with what was said beside scores of the person's requests, which keep their values; nobody else's words are touched", async () => {
    const stranger = await createTestProject(domain);
    const said = async (owner: TestProject, name: string | null, isLogged = true) => {
      const subjectHash = name === null ? null : hashSubject(await subjectKeyOf(owner), name);
      const event = testEvent({ projectId: owner.id, subjectHash });
      if (isLogged) await ingestBatch("gw-erase", JSON.stringify(toSpooled([event])));
      const score = { requestId: event.requestId, metric: "tone", value: 0.5, comment: `${name} was not pleased` };
      await call(postScores, owner.engineer, { body: score });
      return async () => (await call(listScores, owner.viewer, { query: { requestId: event.requestId } })).result.items[0];
    };
    const kim = await said(project, "Kim");
    const others = [await said(project, "Lee"), await said(project, null), await said(stranger, "Kim"), await said(project, "Kim", false)];
    const { result } = await call(eraseRequestContents, project.admin, { query: { subject: "Kim", reason: "she asked for it" } });
    expect(result).toEqual({ deleted: 0, comments: 1 });
    expect(await kim()).toMatchObject({ value: 0.5, comment: null, state: "joined" });
    for (const other of others) expect((await other())?.comment).toContain("was not pleased");
    expect((await readTrail(project)).at(-1)).toMatchObject({ action: "request.contents_erased", details: { deleted: 0, comments: 1 } });
  });
});
