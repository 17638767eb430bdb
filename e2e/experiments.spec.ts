import { type Browser, expect, test } from "@playwright/test";
import { z } from "zod";
import {
  type Api,
  addBackends,
  addEndpoint,
  askFor,
  chooseSubjects,
  ENVIRONMENT,
  METRIC,
  openApi,
  type Subject,
  scoreAll,
} from "./experiment-stand";
import { fits, openAs } from "./people";

/** A few subjects and some seconds, as the demo's own experiments have them: shown as such on the page. */
const SHORT = { minDurationSeconds: 5, maxDurationSeconds: 900 };
const AT = { at: "/demo/experiments" };
const patient = { timeout: 60_000 };

const Results = z.looseObject({
  verdict: z.string().nullable(),
  planned: z.looseObject({ verdict: z.string(), reasons: z.array(z.looseObject({ code: z.string() })), digest: z.string() }).nullable(),
});
const Made = z.looseObject({ id: z.string(), number: z.int() });

/** A key of the environment where only this test asks; only an admin at a browser makes keys. */
async function createKey(browser: Browser, name: string): Promise<string> {
  const page = await openAs(browser, "admin", AT);
  const headers = { origin: new URL(page.url()).origin, "switchyard-project": "demo" };
  const answer = await page.request.post("/api/v1/gateway-keys", { headers, data: { name, environment: ENVIRONMENT } });
  expect(answer.status(), await answer.text()).toBe(201);
  const { key } = z.looseObject({ key: z.string() }).parse(await answer.json());
  await page.context().close();
  return key;
}

interface Run {
  readonly api: Api;
  readonly endpoint: string;
  readonly gatewayKey: string;
  /** Subjects of each arm that the plan waits for, and that there are. */
  readonly minSubjectsPerArm: number;
  readonly perArm: number;
  readonly parts?: object;
  /** Subjects whose requests get lost on the way to the gateway. */
  readonly isLost?: (subject: Subject, place: number) => boolean;
  readonly scoreOf: (subject: Subject, place: number) => number;
}

/** Starts an experiment, sends the traffic through the gateway, scores it over the API, and waits for the analysis that counts. */
async function runExperiment({ api, endpoint, gatewayKey, minSubjectsPerArm, perArm, parts, isLost, scoreOf }: Run) {
  const made = Made.parse(
    await api.post("/experiments", {
      endpoint,
      environment: ENVIRONMENT,
      name: `Which is better on ${endpoint}`,
      metric: { name: METRIC, direction: "higher", practicalMargin: 0.02 },
      arms: { control: { release: 1, shareBps: 5_000 }, treatments: [{ release: 2, shareBps: 5_000 }] },
      plan: { minSubjectsPerArm, ...SHORT },
      ...parts,
    }),
  );
  await api.post(`/experiments/${made.id}/start`, { reason: "Compare before a rollout" });
  const subjects = await chooseSubjects(made.id, perArm);
  const asked = isLost === undefined ? subjects : subjects.filter((subject, i) => !isLost(subject, i));
  await scoreAll(api, await askFor(asked, endpoint, gatewayKey), scoreOf);
  const read = async () => Results.parse(await api.get(`/experiments/${made.id}/results`)).planned;
  await expect.poll(async () => (await read())?.digest ?? null, { timeout: 90_000, intervals: [1_000] }).not.toBeNull();
  return { number: made.number, planned: await read() };
}

/** Around a mean, the same whoever asks: no run is luckier than another. */
const around = (mean: number, place: number) => Math.round((mean + 0.05 * (((place * 7) % 21) / 10 - 1)) * 10_000) / 10_000;

test("real traffic through the gateway ends in the right verdict and sentence: better is deployed, a broken cost guardrail keeps the control, lost exposures leave nothing to believe", async ({
  browser,
  request,
}) => {
  test.setTimeout(300_000);
  const api = openApi(request);
  const mark = `e2e-${Date.now()}`;
  const backends = await addBackends(api, ["haneul-7b-chat", "haneul-7b-chat-v2", "haneul-70b-chat"], mark);
  const serve = (model: string, modelVersion: number, servedModel: string) => ({
    model,
    modelVersion,
    backend: backends.get(servedModel) ?? "",
  });
  const first = serve("haneul-7b-chat", 1, "haneul-7b-chat");
  const second = serve("haneul-7b-chat", 2, "haneul-7b-chat-v2");
  const large = serve("haneul-70b-chat", 1, "haneul-70b-chat");
  const [better, dear, lossy] = [`${mark}-better`, `${mark}-dear`, `${mark}-lossy`] as const;
  await addEndpoint(api, better, [first, second]);
  await addEndpoint(api, dear, [first, large]);
  await addEndpoint(api, lossy, [first, second]);
  const gatewayKey = await createKey(browser, mark);

  const isBetter = ({ arm }: Subject, place: number) => around(arm === "treatment" ? 0.8 : 0.7, place);
  const [deployed, broken, lost] = await Promise.all([
    runExperiment({ api, endpoint: better, gatewayKey, minSubjectsPerArm: 100, perArm: 150, scoreOf: isBetter }),
    runExperiment({
      api,
      endpoint: dear,
      gatewayKey,
      minSubjectsPerArm: 100,
      perArm: 150,
      parts: { guardrails: [{ source: "usage", name: "cost_per_request", direction: "lower", practicalMargin: 0.05 }] },
      scoreOf: isBetter,
    }),
    // Every third request of the treatment never arrives: 300 subjects against 200, as 60 to 40.
    runExperiment({
      api,
      endpoint: lossy,
      gatewayKey,
      minSubjectsPerArm: 180,
      perArm: 300,
      isLost: ({ arm }, place) => arm === "treatment" && place % 3 === 0,
      scoreOf: isBetter,
    }),
  ]);
  expect(deployed.planned).toMatchObject({ verdict: "deploy_treatment", reasons: [{ code: "significant_gain" }] });
  expect(broken.planned).toMatchObject({ verdict: "keep_control", reasons: [{ code: "guardrail_broken", metric: "cost_per_request" }] });
  expect(lost.planned).toMatchObject({ verdict: "cannot_tell", reasons: [{ code: "check_failed", check: { code: "sample_ratio" } }] });

  const page = await openAs(browser, "viewer", AT);
  const says = async (number: number, sentences: readonly (string | RegExp)[]) => {
    await page.goto(`/demo/experiments/${number}`);
    for (const sentence of sentences) await expect(page.getByText(sentence).first()).toBeVisible(patient);
    await expect(page.getByText("The short time and the small minimum are the demo's policy.").first()).toBeVisible();
  };
  await says(deployed.number, [new RegExp(`^Deploy treatment: .*2 raises ${METRIC} by \\d+\\.\\d+\\s%\\.$`)]);
  await says(broken.number, [
    /^Keep control: .*2 breaks the guardrail cost_per_request\.$/,
    /The guardrail cost_per_request is broken: it became worse by /,
  ]);
  await says(lost.number, [
    "Cannot tell: a check says that the measurement cannot be believed.",
    /was planned to get 50\.0\s% of the subjects and got (40|60)\.0\s%.*subjects are lost or added somewhere/,
  ]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await fits(page)).toBe(true);
});
