import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { db } from "@/lib/infra/db";
import {
  call,
  callRefused,
  countAllRows,
  createTestProject,
  freshName,
  openTestDomain,
  readJobs,
  readTrail,
  type TestDomain,
  type TestProject,
} from "@/test/factories";
import {
  changeModelVersionState,
  createModel,
  createModelVersion,
  getModelVersion,
  getModelVersionVerification,
  reconcileVerifications,
  runVerification,
  verifyModelVersion,
} from ".";
import { claimVerification, endCheck, keepLease, startCheck } from "./store/verifications";
import { openHttpStore, openS3Store, type TestStore } from "./testing/artifact-stores";

const ACCESS_KEY = "AKIATESTONLY";
const WEIGHTS = randomBytes(3_000_000);
const sha = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const SHA = sha(WEIGHTS);

let domain: TestDomain;
let project: TestProject;
let other: TestProject;
let http: TestStore;
let unlisted: TestStore;
let s3: TestStore;
let folder: string;
let root: string;
let stumbles = 0;
let stuck = 0;
const savedEnv = { ...process.env };

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "artifacts-")));
  root = path.join(folder, "models");
  mkdirSync(path.join(root, "inner"), { recursive: true });
  writeFileSync(path.join(root, "weights 가.bin"), WEIGHTS);
  writeFileSync(path.join(root, "short.bin"), WEIGHTS.subarray(0, 1_000));
  writeFileSync(path.join(root, "other.bin"), randomBytes(WEIGHTS.length));
  writeFileSync(path.join(folder, "secret.bin"), WEIGHTS);
  symlinkSync(path.join(folder, "secret.bin"), path.join(root, "link-out.bin"));
  symlinkSync(folder, path.join(root, "folder-out"));
  symlinkSync(path.join(root, "weights 가.bin"), path.join(root, "link-in.bin"));
  execFileSync("mkfifo", [path.join(root, "pipe")]);
  mkdirSync(path.join(folder, "models-too"));
  writeFileSync(path.join(folder, "models-too", "near.bin"), WEIGHTS);

  const whole = { "content-length": WEIGHTS.length };
  unlisted = await openHttpStore({ "/weights": (_, res) => res.writeHead(200, whole).end(WEIGHTS) });
  const to = (location: string) => (_: unknown, res: import("node:http").ServerResponse) => res.writeHead(302, { location }).end();
  http = await openHttpStore({
    "/weights": (_, res) => res.writeHead(200, whole).end(WEIGHTS),
    "/chunked": (_, res) => {
      res.writeHead(200);
      for (let i = 0; i < WEIGHTS.length; i += 500_000) res.write(WEIGHTS.subarray(i, i + 500_000));
      res.end();
    },
    "/endless": (_, res) => {
      res.writeHead(200);
      const push = () => {
        while (!res.destroyed && res.write(WEIGHTS));
      };
      res.on("drain", push);
      push();
    },
    "/zipped": (_, res) => res.writeHead(200, { "content-encoding": "gzip" }).end(WEIGHTS),
    "/cut": (_, res) => {
      res.writeHead(200, whole);
      res.write(WEIGHTS.subarray(0, 100), () => res.destroy());
    },
    // Stops in the middle for whoever asks first, and waits for ever.
    "/stuck": (_, res) => {
      res.writeHead(200, whole);
      if (++stuck > 1) res.end(WEIGHTS);
      else res.write(WEIGHTS.subarray(0, 1_000_000));
    },
    "/stumbling": (_, res) => (++stumbles === 1 ? res.writeHead(503).end() : res.writeHead(200, whole).end(WEIGHTS)),
    "/moved": to("/weights"),
    "/to-metadata": to("http://169.254.169.254/latest/meta-data/"),
    "/to-localhost": to("http://localhost:5432/"),
    "/to-unlisted": to(`${unlisted.url}/weights`),
    "/to-file": to("file:///etc/passwd"),
    "/round": to("/round"),
    "/locked": (_, res) => res.writeHead(401).end(),
  });
  s3 = await openS3Store(
    new Map([
      ["models/haneul/weights.bin", WEIGHTS],
      ["models/haneul/wrong.bin", randomBytes(WEIGHTS.length)],
    ]),
    ACCESS_KEY,
  );
  process.env.AWS_ACCESS_KEY_ID = ACCESS_KEY;
  process.env.AWS_SECRET_ACCESS_KEY = "secret";
  domain = await openTestDomain({
    privateHosts: [http.host],
    artifacts: { roots: [root], maxBytes: 1_000_000_000, s3Endpoint: s3.url, s3Region: "eu-central-1" },
  });
  other = await createTestProject(domain);
});
beforeEach(async () => {
  project = await createTestProject(domain);
  stumbles = 0;
});
afterAll(async () => {
  process.env = savedEnv;
  await domain.close();
  await Promise.all([http.close(), unlisted.close(), s3.close()]);
  rmSync(folder, { recursive: true, force: true });
});

type Uri = string | { uri: string; sha256?: string; sizeBytes?: number };
const fileUri = (name: string) => `file://${root}/${encodeURI(name)}`;
const toArtifact = (uri: Uri) => ({
  sha256: SHA,
  sizeBytes: WEIGHTS.length,
  role: "weights",
  ...(typeof uri === "string" ? { uri } : uri),
});

async function register(...uris: Uri[]) {
  const name = freshName("model");
  await call(createModel, project.engineer, { body: { name } });
  const body = { engine: "vllm", precision: "bf16", artifacts: uris.map(toArtifact) };
  await call(createModelVersion, project.engineer, { params: { name }, body });
  return { params: { name, version: "1" } };
}

async function verify(...uris: Uri[]) {
  const at = await register(...uris);
  const asked = await call(verifyModelVersion, project.engineer, at);
  expect(await runVerification(asked.result.id ?? "")).toBe(true);
  return { at, result: (await call(getModelVersionVerification, project.viewer, at)).result };
}

describe("an artifact", () => {
  it("is verified from a file, over HTTP with and without a length, after a redirect, and from S3", async () => {
    const uris = [
      fileUri("weights 가.bin"),
      fileUri("link-in.bin"),
      `${http.url}/weights`,
      `${http.url}/chunked`,
      `${http.url}/moved`,
      "s3://models/haneul/weights.bin",
    ];
    const { at, result } = await verify(...uris);
    expect(result).toMatchObject({ state: "verified", bytesDone: 6 * WEIGHTS.length, bytesTotal: 6 * WEIGHTS.length });
    expect(result.artifacts.map((a) => [a.uri, a.state, a.actualSha256])).toEqual(uris.map((uri) => [uri, "verified", SHA]));
    const { result: version } = await call(getModelVersion, project.viewer, at);
    expect(version).toMatchObject({ verification: { state: "verified" }, blockers: [] });
    expect((await readTrail(project)).map((e) => [e.action, e.actorName]).slice(-2)).toEqual([
      ["model-version.verification-requested", "Test engineer"],
      ["model-version.verification-ended", "artifact-verifier"],
    ]);
  });

  const cases: [string, () => Uri, string, string][] = [
    ["with other bytes", () => fileUri("other.bin"), "mismatch", "hash_differs"],
    ["with other bytes in S3", () => "s3://models/haneul/wrong.bin", "mismatch", "hash_differs"],
    ["that is shorter", () => fileUri("short.bin"), "mismatch", "size_differs"],
    ["that is longer than registered", () => ({ uri: `${http.url}/weights`, sizeBytes: 10 }), "mismatch", "size_differs"],
    ["that never ends", () => `${http.url}/endless`, "mismatch", "size_differs"],
    ["that is not in its folder", () => fileUri("none.bin"), "absent", "not_found"],
    ["that is not on the server", () => `${http.url}/none`, "absent", "not_found"],
    ["that is not in the bucket", () => "s3://models/none.bin", "absent", "not_found"],
    ["that is larger than is read here", () => ({ uri: fileUri("other.bin"), sizeBytes: 2_000_000_000 }), "failed", "too_large"],
    ["behind a link out of the folder", () => fileUri("link-out.bin"), "failed", "outside_roots"],
    ["below a linked folder", () => fileUri("folder-out/secret.bin"), "failed", "outside_roots"],
    ["that is a folder", () => fileUri("inner"), "failed", "not_a_file"],
    ["that is a pipe", () => fileUri("pipe"), "failed", "not_a_file"],
    ["that redirects to the metadata service", () => `${http.url}/to-metadata`, "failed", "address_not_allowed"],
    ["that redirects to this machine", () => `${http.url}/to-localhost`, "failed", "address_not_allowed"],
    ["that redirects to a private port that is not listed", () => `${http.url}/to-unlisted`, "failed", "address_not_allowed"],
    ["that redirects to a file", () => `${http.url}/to-file`, "failed", "redirect_refused"],
    ["that redirects to itself", () => `${http.url}/round`, "failed", "redirect_refused"],
    ["that is sent encoded", () => `${http.url}/zipped`, "failed", "encoded"],
    ["that needs a sign-in", () => `${http.url}/locked`, "failed", "access_denied"],
    ["that the store locks", () => "s3://locked/weights.bin", "failed", "access_denied"],
  ];
  it.each(cases)("%s is not verified, says why, and blocks approval", async (_name, uri, state, problem) => {
    const { at, result } = await verify(uri());
    expect(result).toMatchObject({ state, artifacts: [{ state, problem }] });
    expect(result.artifacts[0]?.detail).not.toBe("");
    const { result: version } = await call(getModelVersion, project.viewer, at);
    expect(version.blockers).toEqual([{ code: state, artifacts: [result.artifacts[0]?.uri] }]);
    await call(changeModelVersionState, project.engineer, { ...at, body: { to: "candidate", reason: "ready" } });
    const someone = { ...project.approver, userId: "usr_somebody_else" };
    const refused = await callRefused(changeModelVersionState, someone, { ...at, body: { to: "approved", reason: "looks good" } });
    expect(refused).toMatchObject({ code: "state_conflict", detail: expect.stringContaining(result.artifacts[0]?.uri ?? "none") });
    expect(unlisted.asked).toEqual([]);
  });

  it("is read again where the store stumbled, and is given up where the connection keeps breaking", async () => {
    const { result } = await verify(`${http.url}/stumbling`);
    expect([result.state, stumbles]).toEqual(["verified", 2]);
    const before = http.asked.filter((line) => line === "GET /cut").length;
    const broken = await verify(`${http.url}/cut`);
    expect(broken.result).toMatchObject({ state: "failed", artifacts: [{ problem: "connection_failed" }] });
    expect(http.asked.filter((line) => line === "GET /cut").length - before).toBe(3);
  });

  it("that is bad does not hide that the others are good", async () => {
    const { result } = await verify(fileUri("weights 가.bin"), fileUri("none.bin"), fileUri("other.bin"));
    expect([result.state, ...result.artifacts.map((a) => a.state)]).toEqual(["mismatch", "verified", "absent", "mismatch"]);
  });
});

describe("registering", () => {
  const refused: [string, () => string, string, RegExp][] = [
    ["file:///etc/passwd", () => "file:///etc/passwd", "address_not_allowed", /folder/],
    ["a path beside the folder", () => `file://${folder}/models-too/near.bin`, "address_not_allowed", /folder/],
    ["a path out of the folder", () => `file://${root}/../secret.bin`, "address_not_allowed", /folder/],
    ["an encoded path out of the folder", () => `file://${root}/%2e%2e/secret.bin`, "address_not_allowed", /folder/],
    ["an encoded slash out of the folder", () => `file://${root}/..%2Fsecret.bin`, "invalid_request", /\.\./],
    ["a file of another host", () => "file://server/share/weights.bin", "invalid_request", /no host/],
    ["the metadata service", () => "http://169.254.169.254/latest/meta-data/", "address_not_allowed", /private/],
    ["the metadata service as a number", () => "http://2852039166/", "address_not_allowed", /private/],
    ["this machine", () => "http://localhost/weights", "address_not_allowed", /private/],
    ["this machine, by IPv4 inside IPv6", () => "http://[::ffff:127.0.0.1]/weights", "address_not_allowed", /private/],
    ["the metadata service, by IPv4 inside IPv6", () => "https://[::ffff:a9fe:a9fe]/latest", "address_not_allowed", /private/],
    ["a private network", () => "https://10.0.0.8/weights", "address_not_allowed", /private/],
    ["a private port that is not listed", () => `${unlisted.url}/weights`, "address_not_allowed", /private/],
    ["a password in the address", () => "https://user:pass@models.example.com/w", "address_not_allowed", /password/],
    ["an unknown scheme", () => "ftp://models.example.com/w", "invalid_request", /ftp:/],
    ["a bucket without an object", () => "s3://models", "invalid_request", /bucket/],
    ["a bucket that is a host", () => "s3://models@evil.example/w", "invalid_request", /bucket/],
    ["no scheme", () => "/models/weights.bin", "invalid_request", /must begin/],
  ];
  it.each(refused)("%s is refused at its place, and nothing is written", async (_name, uri, code, detail) => {
    const name = freshName("model");
    await call(createModel, project.engineer, { body: { name } });
    const rows = await countAllRows();
    const body = { engine: "vllm", precision: "bf16", artifacts: [toArtifact(fileUri("other.bin")), toArtifact(uri())] };
    const error = await callRefused(createModelVersion, project.engineer, { params: { name }, body });
    expect(error).toMatchObject({ code, errors: [{ pointer: "/artifacts/1/uri", detail: expect.stringMatching(detail) }] });
    expect(await countAllRows()).toEqual(rows);
  });

  const bodies: [string, object, string][] = [
    ["a size past 2^53", { artifacts: [{ ...toArtifact("s3://models/a"), sizeBytes: 2 ** 53 }] }, "/artifacts/0/sizeBytes"],
    ["a size of nothing", { artifacts: [{ ...toArtifact("s3://models/a"), sizeBytes: 0 }] }, "/artifacts/0/sizeBytes"],
    ["half a byte", { artifacts: [{ ...toArtifact("s3://models/a"), sizeBytes: 1.5 }] }, "/artifacts/0/sizeBytes"],
    ["a size as text", { artifacts: [{ ...toArtifact("s3://models/a"), sizeBytes: "5" }] }, "/artifacts/0/sizeBytes"],
    [
      "a hash of another kind",
      { artifacts: [{ ...toArtifact("s3://models/a"), sha256: "d41d8cd98f00b204e9800998ecf8427e" }] },
      "/artifacts/0/sha256",
    ],
    ["an unknown role", { artifacts: [{ ...toArtifact("s3://models/a"), role: "virus" }] }, "/artifacts/0/role"],
    ["parameters past 2^53", { parameterCount: 2 ** 53 }, "/parameterCount"],
    ["a schema that the meta-schema refuses", { signature: { input: { type: "objekt" }, output: {} } }, "/signature/input/type"],
    ["a schema that points outside", { signature: { input: {}, output: { $ref: "http://169.254.169.254/s" } } }, "/signature/output/$ref"],
    ["half a signature", { signature: { input: {} } }, "/signature/output"],
  ];
  it.each(bodies)("%s is refused at its place, and nothing is written", async (_name, parts, pointer) => {
    const name = freshName("model");
    await call(createModel, project.engineer, { body: { name } });
    const rows = await countAllRows();
    const body = { engine: "vllm", precision: "bf16", ...parts };
    const error = await callRefused(createModelVersion, project.engineer, { params: { name }, body });
    expect(error).toMatchObject({ code: "invalid_request", errors: [{ pointer, detail: expect.stringMatching(/\S/) }] });
    expect(await countAllRows()).toEqual(rows);
  });

  it("an address twice is refused", async () => {
    const name = freshName("model");
    await call(createModel, project.engineer, { body: { name } });
    const body = { engine: "vllm", precision: "bf16", artifacts: [toArtifact("s3://models/a"), toArtifact("s3://models/a")] };
    const error = await callRefused(createModelVersion, project.engineer, { params: { name }, body });
    expect(error).toMatchObject({ code: "invalid_request", errors: [{ pointer: "/artifacts/1/uri" }] });
  });
});

describe("asking for a verification", () => {
  it("writes it with its job, and gives the open one again while it is not over", async () => {
    const at = await register(fileUri("weights 가.bin"));
    expect((await call(getModelVersionVerification, project.viewer, at)).result).toMatchObject({ id: null, state: "not_verified" });
    const jobs = (await readJobs()).length;
    const first = await call(verifyModelVersion, project.token("registry:write"), at);
    expect(first).toMatchObject({ status: 202, result: { state: "queued", startedBy: "Test token", bytesDone: 0 } });
    expect((await readJobs()).slice(jobs)).toEqual(["verify-artifacts"]);
    const rows = await countAllRows();
    const again = await call(verifyModelVersion, project.engineer, at);
    expect(again).toMatchObject({ status: 202, result: { id: first.result.id } });
    expect(await countAllRows()).toEqual(rows);
    await runVerification(first.result.id ?? "");
    const second = await call(verifyModelVersion, project.engineer, at);
    expect(second.result.id).not.toBe(first.result.id);
    expect((await call(getModelVersion, project.viewer, at)).result).toMatchObject({
      verification: { state: "queued" },
      blockers: [{ code: "verifying" }],
    });
  });

  it("is an engineer's, in the own project, of a version that names artifacts", async () => {
    const at = await register(fileUri("weights 가.bin"));
    const bare = await register();
    const rows = await countAllRows();
    expect((await callRefused(verifyModelVersion, project.viewer, at)).code).toBe("forbidden");
    expect((await callRefused(verifyModelVersion, other.admin, at)).code).toBe("not_found");
    expect((await callRefused(getModelVersionVerification, other.admin, at)).code).toBe("not_found");
    expect((await callRefused(verifyModelVersion, project.engineer, bare)).code).toBe("state_conflict");
    expect(await countAllRows()).toEqual(rows);
  });
});

describe("a verification that is cut", () => {
  const lease = (id: string, change: string) => db().pool.query(`update artifact_verification set ${change} where id = $1`, [id]);
  async function ask(...uris: Uri[]) {
    const at = await register(...uris);
    const id = (await call(verifyModelVersion, project.engineer, at)).result.id ?? "";
    return { at, id, read: async () => (await call(getModelVersionVerification, project.viewer, at)).result };
  }
  const ends = async () => (await readTrail(project)).filter((e) => e.action === "model-version.verification-ended");

  it("is done once by one of many that run it at the same moment", async () => {
    const { id, read } = await ask(fileUri("weights 가.bin"), `${http.url}/weights`);
    const before = http.asked.length;
    const runs = await Promise.all(Array.from({ length: 6 }, () => runVerification(id)));
    expect(runs.filter(Boolean)).toHaveLength(1);
    expect(await runVerification(id)).toBe(false);
    expect((await read()).state).toBe("verified");
    expect(http.asked.length - before).toBe(1);
    expect(await ends()).toHaveLength(1);
  });

  it("goes on where its worker was killed: what was finished stays, what was being read is read anew, and the dead one writes nothing", async () => {
    const { id, read } = await ask(`${http.url}/weights`, fileUri("weights 가.bin"), fileUri("other.bin"));
    const dead = await claimVerification(id, 60_000);
    if (dead === null) throw new Error("the first claim must succeed");
    const end = { bytesDone: WEIGHTS.length, actual: { sha256: SHA, bytes: WEIGHTS.length }, problem: null, detail: "" };
    await startCheck(dead, 0);
    await endCheck(dead, 0, { ...end, state: "verified" });
    await startCheck(dead, 1);
    await keepLease(dead, { leaseMs: 60_000, position: 1, bytesDone: 1_000 });
    expect(await read()).toMatchObject({ state: "running", bytesDone: WEIGHTS.length + 1_000 });
    expect(await runVerification(id)).toBe(false);

    await lease(id, "lease_until = clock_timestamp() - interval '1 second', asked_at = clock_timestamp() - interval '1 minute'");
    const jobs = (await readJobs()).length;
    expect(await reconcileVerifications()).toEqual({ ended: 0, asked: 1 });
    expect((await readJobs()).slice(jobs)).toEqual(["verify-artifacts"]);
    expect(await reconcileVerifications()).toEqual({ ended: 0, asked: 0 });
    const asked = http.asked.length;
    expect(await runVerification(id)).toBe(true);
    expect(http.asked.length).toBe(asked);
    expect((await read()).artifacts.map((a) => a.state)).toEqual(["verified", "verified", "mismatch"]);

    expect(await keepLease(dead, { leaseMs: 60_000, position: 2, bytesDone: 5 })).toBe(false);
    expect(await startCheck(dead, 2)).toBe(false);
    expect(await endCheck(dead, 2, { ...end, state: "verified" })).toBe(false);
    expect(await ends()).toHaveLength(1);
  });

  it("is done once after its process was killed in the middle of an artifact", async () => {
    const { id, read } = await ask(fileUri("weights 가.bin"), `${http.url}/stuck`);
    const script = path.join(import.meta.dirname, "testing", "verify-in-process.ts");
    const settings = JSON.stringify({ databaseUrl: domain.databaseUrl, privateHosts: [http.host], roots: [root], verificationId: id });
    const worker = spawn(process.execPath, ["--import", "tsx", script], { env: { ...process.env, VERIFY: settings }, stdio: "inherit" });
    const gone = new Promise((resolve) => worker.once("exit", resolve));
    await expect.poll(async () => (await read()).artifacts[1]?.bytesDone, { timeout: 25_000 }).toBe(1_000_000);
    expect(await runVerification(id)).toBe(false);
    worker.kill("SIGKILL");
    await gone;
    expect((await read()).artifacts.map((a) => a.state)).toEqual(["verified", "running"]);
    await lease(id, "lease_until = clock_timestamp() - interval '1 second'");
    expect(await runVerification(id)).toBe(true);
    expect((await read()).artifacts.map((a) => [a.state, a.actualSha256])).toEqual([
      ["verified", SHA],
      ["verified", SHA],
    ]);
    expect(stuck).toBe(2);
    expect(await ends()).toHaveLength(1);
  });

  it("is asked for again when its job was lost, and is left alone while somebody works on it", async () => {
    const { id } = await ask(fileUri("weights 가.bin"));
    // What other tests of this file left waiting is asked for again first.
    await reconcileVerifications();
    expect(await reconcileVerifications()).toEqual({ ended: 0, asked: 0 });
    await lease(id, "asked_at = clock_timestamp() - interval '1 hour'");
    await claimVerification(id, 60_000);
    expect(await reconcileVerifications()).toEqual({ ended: 0, asked: 0 });
    await lease(id, "lease_until = clock_timestamp() - interval '1 second'");
    expect(await reconcileVerifications()).toEqual({ ended: 0, asked: 1 });
    expect(await runVerification(id)).toBe(true);
  });

  it("has failed at its deadline, once, and its holder is told", async () => {
    const { id, read } = await ask(fileUri("weights 가.bin"), fileUri("other.bin"));
    const holder = await claimVerification(id, 60_000);
    if (holder === null) throw new Error("the first claim must succeed");
    await startCheck(holder, 0);
    await lease(id, "deadline_at = clock_timestamp() - interval '1 second'");
    expect(await keepLease(holder, { leaseMs: 60_000, position: 0, bytesDone: 1 })).toBe(false);
    expect((await Promise.all([reconcileVerifications(), reconcileVerifications()])).map((r) => r.ended).sort()).toEqual([0, 1]);
    expect(await read()).toMatchObject({ state: "failed", artifacts: [{ problem: "deadline" }, { problem: "deadline" }] });
    expect(await runVerification(id)).toBe(false);
    expect(await ends()).toHaveLength(1);
  });

  it("cannot be written verified without the registered hash, nor changed after its end, not even by hand", async () => {
    const { id } = await ask(fileUri("weights 가.bin"));
    const set = (sql: string) => db().pool.query(`update artifact_check set ${sql} where verification_id = $1`, [id]);
    await expect(set("state = 'verified', ended_at = now()")).rejects.toThrow(/verified_by_hash/);
    await expect(
      set(`state = 'verified', ended_at = now(), actual_sha256 = '${"0".repeat(64)}', actual_bytes = size_bytes`),
    ).rejects.toThrow(/verified_by_hash/);
    await runVerification(id);
    await expect(set("state = 'failed'")).rejects.toThrow(/has ended/);
    await expect(lease(id, "state = 'running', ended_at = null")).rejects.toThrow(/has ended/);
  });
});
