import { Agent, request } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { GatewayConfig } from "@/lib/contracts/gateway-config";
import { assignBucket } from "@/lib/core/assignment";
import { type Move, toArms } from "@/lib/domain/snapshots/rules/compile-config";
import { goodScript, type ScriptedUpstream, startScriptedUpstream } from "./testing/scripted-upstream";
import { startTestGateway, type TestGateway } from "./testing/test-gateway";
import { createTestInstallation, testBackend, testEndpoint, testRelease, testVariant } from "./testing/test-installation";

const SUBJECTS = Array.from({ length: 2_000 }, (_, i) => (i % 3 === 0 ? `고객-${i}` : `customer-${i}`));
const SALT = "salt-chat";
const [TREATMENT_BPS, CONTROL_BPS] = [2_000, 2_500];
const EXPERIMENT_ID = `exp_${"0".repeat(12)}7${"0".repeat(3)}8${"0".repeat(15)}`;

const agent = new Agent({ connections: 16 });
let upstream: ScriptedUpstream;
let gateways: TestGateway[];
let toServe: (move: Move | null) => GatewayConfig;

beforeAll(async () => {
  upstream = await startScriptedUpstream(goodScript);
  const installation = createTestInstallation();
  gateways = [await startTestGateway({ installation, gatewayId: "gw-a" }), await startTestGateway({ installation, gatewayId: "gw-b" })];
  const server = testBackend(upstream.url);
  const variant = (id: string, name: string, weightBps: number) => testVariant([server.id], { id, name, weightBps });
  const releases = [
    testRelease(1, [variant("var_main", "main", 10_000)]),
    testRelease(2, [variant("var_a", "a", 5_000), variant("var_b", "b", 5_000)]),
  ];
  let generation = 0;
  toServe = (move) => ({
    ...installation.config({
      backends: [server],
      // Nobody hears these gateways, so that a canary's dead-man would act.
      endpoints: [
        testEndpoint("chat", releases, { salt: SALT, arms: toArms("rel_test1", move, 60_000).map((a) => ({ ...a, deadman: null })) }),
      ],
    }),
    generation: ++generation,
  });
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.remove();
  await agent.close();
  await upstream.close();
});

/** Which release and variant each subject gets, by the answer's headers. */
async function askAll(gateway: TestGateway, subjects: readonly string[]): Promise<string[]> {
  const ask = async (subject: string): Promise<string> => {
    const { headers, statusCode, body } = await request(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      dispatcher: agent,
      headers: {
        authorization: `Bearer ${gateway.installation.keyText}`,
        "content-type": "application/json",
        // A header holds Latin-1: UTF-8 travels byte by byte.
        "x-switchyard-subject": Buffer.from(subject).toString("latin1"),
      },
      body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "Hi" }] }),
    });
    await body.dump();
    return `${statusCode} r${headers["x-switchyard-release"]} ${headers["x-switchyard-variant"]}`;
  };
  const answers: string[] = [];
  for (let i = 0; i < subjects.length; i += 16) answers.push(...(await Promise.all(subjects.slice(i, i + 16).map(ask))));
  return answers;
}

it("two gateways serve an experiment's arms to 2,000 subjects as the function says, and a canary to its treatment takes it from nobody", async () => {
  const experiment: Move = {
    kind: "experiment",
    endpointId: "ept_1",
    experimentId: EXPERIMENT_ID,
    control: { name: "control", releaseId: "rel_test1", variantId: null, shareBps: CONTROL_BPS },
    treatments: [{ name: "treatment", releaseId: "rel_test2", variantId: "var_b", shareBps: TREATMENT_BPS }],
    layer: null,
  };
  const config = toServe(experiment);
  const buckets = SUBJECTS.map((subject) => assignBucket(SALT, subject));
  const isTreated = (bucket: number) => bucket < TREATMENT_BPS;
  const expected = buckets.map((bucket) => (isTreated(bucket) ? "200 r2 b" : "200 r1 main"));
  const answers = [];
  for (const gateway of gateways) {
    await gateway.serve(config);
    answers.push(await askAll(gateway, SUBJECTS));
  }
  expect(answers).toEqual([expected, expected]);

  const armOf = (bucket: number) => (isTreated(bucket) ? "treatment" : bucket >= 10_000 - CONTROL_BPS ? "control" : "steady");
  const counts: Record<string, number> = {};
  for (const bucket of buckets) counts[armOf(bucket)] = (counts[armOf(bucket)] ?? 0) + 1;
  for (const gateway of gateways) {
    const recorded: Record<string, number> = {};
    for (const event of await gateway.events()) {
      recorded[event.armName ?? "none"] = (recorded[event.armName ?? "none"] ?? 0) + 1;
      expect(event.experimentId).toBe(event.armName === "steady" ? null : EXPERIMENT_ID);
    }
    expect(recorded).toEqual(counts);
  }

  const canary: Move = {
    kind: "canary",
    endpointId: "ept_1",
    rolloutId: "rol_1",
    fromReleaseId: "rel_test1",
    toReleaseId: "rel_test2",
    weightBps: TREATMENT_BPS,
  };
  const [first] = gateways;
  if (first === undefined) throw new Error("there is no gateway");
  await first.serve(toServe(canary));
  const treated = SUBJECTS.filter((subject) => isTreated(assignBucket(SALT, subject)));
  const after = await askAll(first, treated);
  expect(treated.length).toBeGreaterThan(300);
  expect(after.filter((answer) => !answer.startsWith("200 r2 "))).toEqual([]);
}, 60_000);
