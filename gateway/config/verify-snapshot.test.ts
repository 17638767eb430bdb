import { describe, expect, it } from "vitest";
import {
  createTestInstallation,
  simpleConfig,
  testArm,
  testBackend,
  testEndpoint,
  testRelease,
  testVariant,
} from "../testing/test-installation";
import { buildRuntime } from "./build-runtime";
import { compareVersions, parseEnvelope, SnapshotRefusedError, toPublicKeys, verifySnapshot } from "./verify-snapshot";

const installation = createTestInstallation();
const keys = toPublicKeys([installation.publicKey]);
const options = { keks: [installation.kek], privateHosts: [] };
const config = simpleConfig(installation, "http://127.0.0.1:9999");
const accept = (text: string) => buildRuntime(verifySnapshot(parseEnvelope(text), keys), options);

describe("a snapshot", () => {
  it("is accepted as it was signed, by either of two keys", () => {
    const text = installation.signText(config);
    expect(accept(text).generation).toBe(1);
    const other = createTestInstallation();
    const both = toPublicKeys([other.publicKey, installation.publicKey]);
    expect(verifySnapshot(parseEnvelope(text), both).generation).toBe(1);
    expect(() => verifySnapshot(parseEnvelope(text), toPublicKeys([other.publicKey]))).toThrow(/signature/);
  });

  it("is refused with any bit flipped", () => {
    const bytes = Buffer.from(installation.signText(config));
    let refused = 0;
    for (let i = 0; i < 1_000; i++) {
      const damaged = Buffer.from(bytes);
      const at = (i * 7_919) % bytes.length;
      damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << (i % 8)), at);
      try {
        const runtime = accept(damaged.toString("utf8"));
        // Base64 has spare bits in its last character, and the envelope's JSON has room for spaces: what comes out is what was signed.
        expect(runtime.generation).toBe(1);
        expect(parseEnvelope(damaged.toString("utf8")).content).toBe(parseEnvelope(bytes.toString("utf8")).content);
      } catch (error) {
        expect(error).toBeInstanceOf(SnapshotRefusedError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThanOrEqual(998);
  });

  it("is refused when it was cut off anywhere", () => {
    const text = installation.signText(config);
    for (let length = 0; length < text.length; length += 13) expect(() => accept(text.slice(0, length))).toThrow(SnapshotRefusedError);
  });

  it("is refused when its envelope claims another version than was signed", () => {
    const signed = installation.sign(config);
    expect(() => accept(JSON.stringify({ ...signed, generation: 99 }))).toThrow(/different versions/);
    expect(() => accept(JSON.stringify({ ...signed, epoch: 99 }))).toThrow(/different versions/);
  });

  it("is refused when signed but not of the contract's shape", () => {
    expect(() => accept(installation.signText(Object.assign({}, config, { surprise: true })))).toThrow(/wrong shape/);
  });

  it("orders by epoch, then by generation", () => {
    expect(compareVersions({ epoch: 2, generation: 1 }, { epoch: 1, generation: 900 })).toBeGreaterThan(0);
    expect(compareVersions({ epoch: 1, generation: 2 }, { epoch: 1, generation: 1 })).toBeGreaterThan(0);
    expect(compareVersions({ epoch: 1, generation: 1 }, { epoch: 1, generation: 1 })).toBe(0);
  });
});

describe("what a snapshot says must fit together", () => {
  const server = testBackend("http://127.0.0.1:9999");
  const release = testRelease(1, [testVariant([server.id])]);
  const build = (endpoint: ReturnType<typeof testEndpoint>, prompts: typeof config.prompts = []) =>
    buildRuntime(installation.config({ backends: [server], prompts, endpoints: [endpoint] }), options);

  it.each([
    ["a release that is not there", testEndpoint("a", [release], { arms: [testArm("rel_none", [[0, 10_000]])] }), /does not hold it/],
    ["a backend that is not there", testEndpoint("a", [testRelease(1, [testVariant(["bkr_none"])])]), /does not hold it/],
    ["arms with a gap", testEndpoint("a", [release], { arms: [testArm(release.id, [[0, 9_000]])] }), /belongs to no arm/],
    ["weights that do not add up", testEndpoint("a", [testRelease(1, [testVariant([server.id], { weightBps: 9_999 })])]), /10,000/],
    [
      "a price that is no decimal",
      testEndpoint("a", [
        testRelease(1, [testVariant([server.id], { price: { id: "p", inputUsd: "1e3", outputUsd: "1", perTokens: 1 } })]),
      ]),
      /decimal/,
    ],
    ["a project that is not there", testEndpoint("a", [release], { projectId: "prj_none" }), /does not hold it/],
  ])("refuses %s", (_name, endpoint, message) => {
    expect(() => build(endpoint)).toThrow(SnapshotRefusedError);
    expect(() => build(endpoint)).toThrow(message);
  });

  it("refuses a prompt that uses an undeclared variable or cannot be read", () => {
    const prompt = (content: string) => [
      {
        id: "prv_1",
        versionId: "prv_1",
        name: "p",
        number: 1,
        kind: "chat" as const,
        messages: [{ role: "user" as const, content }],
        variables: [],
        parameters: {},
      },
    ];
    expect(() => build(testEndpoint("a", [release]), prompt("{{x}}"))).toThrow(/undeclared variable x/);
    expect(() => build(testEndpoint("a", [release]), prompt("{{x"))).toThrow(/line 1, column 1/);
  });

  it("keeps serving without the one backend whose key cannot be opened, and says so", () => {
    const other = createTestInstallation();
    const sealedElsewhere = testBackend("http://127.0.0.1:9998", { apiKey: other.sealBackendKey("bck", "sk-x") });
    const runtime = buildRuntime(
      installation.config({
        backends: [server, sealedElsewhere],
        endpoints: [testEndpoint("a", [testRelease(1, [testVariant([server.id, sealedElsewhere.id])])])],
      }),
      options,
    );
    expect(runtime.backends.map((b) => b.unusable === null)).toEqual([true, false]);
    expect(runtime.warnings).toHaveLength(1);
  });
});
