import { expect, test } from "@playwright/test";
import { approveHere, demo, fits, openAs, seriousProblems } from "./people";

test("an engineer asks, an approver approves on a phone, the label moves, and its history and any instant before show it", async ({
  browser,
  request,
}) => {
  test.setTimeout(240_000);
  const prompt = `journey/p${Date.now()}`;
  const headers = { authorization: `Bearer ${demo().apiToken}` };
  const post = async (path: string, data: unknown) => {
    const response = await request.post(`/api/v1${path}`, { headers, data });
    expect(response.status(), await response.text()).toBe(201);
  };
  await post("/prompts", { name: prompt });
  const versions = `/prompts/${encodeURIComponent(prompt)}/versions`;
  await post(versions, { messages: [{ role: "system", content: "Answer in one sentence." }] });
  const label = `/api/v1/prompts/${encodeURIComponent(prompt)}/labels/production`;
  const direct = await request.put(label, { headers, data: { version: 1, reason: "straight to production" } });
  expect([direct.status(), (await direct.json()).code]).toEqual([409, "approval_required"]);

  const engineer = await openAs(browser, "engineer", { at: `/demo/prompts/${encodeURIComponent(prompt)}` });
  await engineer.getByRole("button", { name: "Point a label here" }).click();
  await engineer.getByRole("textbox", { name: "Name" }).fill("production");
  await engineer.getByLabel("Reason, kept in the history").fill("First version that answers well");
  await engineer.getByRole("button", { name: "Ask for approval" }).click();
  await expect(engineer.getByRole("heading", { level: 1, name: `Approve ${prompt} production → v1?` })).toBeVisible();
  await expect(engineer.getByText("You asked for it or had a hand in it")).toBeVisible();
  const address = new URL(engineer.url()).pathname;
  const beforeMs = Date.now();

  const approver = await openAs(browser, "approver", { width: 390 });
  await approver.getByRole("link", { name: `${prompt} production → v1` }).click();
  await expect(approver).toHaveURL(new RegExp(`${address}$`));
  await expect(approver.getByText("Answer in one sentence.")).toBeVisible();
  expect(await fits(approver)).toBe(true);
  expect(await seriousProblems(approver)).toEqual([]);
  await approveHere(approver, "v1", "Read it on the train");

  await expect(engineer.locator('[data-state-name="done"]').first()).toBeVisible({ timeout: 15_000 });
  const now = await request.get(label, { headers });
  expect(await now.json()).toMatchObject({ version: 1, content: { messages: [{ content: "Answer in one sentence." }] } });
  const then = await request.get(`${label}?at=${new Date(beforeMs).toISOString()}`, { headers });
  expect(then.status()).toBe(404);

  await engineer.goto(`/demo/prompts/${encodeURIComponent(prompt)}/labels/production`);
  await expect(engineer.getByText("production was v1")).toBeVisible();
  await expect(engineer.getByText("First version that answers well")).toBeVisible();
  await expect(engineer.getByRole("link", { name: /^Approval \d+$/ })).toBeVisible();
  await engineer.goto(`/demo/prompts/${encodeURIComponent(prompt)}/labels/production?at=${new Date(beforeMs).toISOString()}`);
  await expect(engineer.getByText("production was nowhere")).toBeVisible();
  expect(await seriousProblems(engineer)).toEqual([]);
  await engineer.context().close();
  await approver.context().close();
});
