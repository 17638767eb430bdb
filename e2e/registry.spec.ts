import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { expect, type Page, test } from "@playwright/test";
import { approveHere, DEMO_FILE, demo, fits, openAs, seriousProblems } from "./people";

/** A file where the worker may read. */
function writeArtifact(name: string) {
  const bytes = randomBytes(64_000);
  const folder = path.resolve(path.dirname(DEMO_FILE), "artifacts", name);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, "model.safetensors");
  writeFileSync(file, bytes);
  return { uri: pathToFileURL(file).href, sha256: createHash("sha256").update(bytes).digest("hex"), size: String(bytes.length) };
}

/** The act of a version's state card, with its reason. */
async function act(page: Page, label: string, reason: string): Promise<void> {
  await page.getByRole("button", { name: label }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill(reason);
  await dialog.getByRole("button", { name: label }).click();
}

test("a version is registered, read by a worker, approved on a phone, and named by an alias whose history and any instant show it", async ({
  browser,
  request,
}) => {
  test.setTimeout(300_000);
  const model = `journey-${Date.now()}`;
  const { uri, sha256, size } = writeArtifact(model);
  const headers = { authorization: `Bearer ${demo().apiToken}` };
  const alias = `/api/v1/models/${model}/aliases/production`;

  const engineer = await openAs(browser, "engineer", { at: "/demo/models?new=1" });
  await engineer.getByLabel("Name").fill(model);
  await engineer.getByRole("button", { name: "Register a model" }).click();
  await expect(engineer.getByRole("heading", { level: 1, name: `New version of ${model}` })).toBeVisible();
  await engineer.getByLabel("URI").fill(uri);
  await engineer.getByLabel("SHA-256").fill(sha256);
  await engineer.getByLabel("Size, bytes").fill(size);
  await engineer.getByLabel("Git commit").fill("4be19d0");
  await engineer.getByLabel("How").selectOption("fine-tuned");
  await engineer.getByLabel("Parent model").fill("haneul-7b-chat");
  await engineer.getByLabel("Parent version").fill("1");
  await engineer.getByRole("button", { name: "Register version" }).click();
  await expect(engineer.getByRole("heading", { level: 1, name: `${model} v1` })).toBeVisible();
  await expect(engineer.getByText("The artifacts were never verified.")).toBeVisible();

  await engineer.getByRole("button", { name: "Verify" }).click();
  await expect(engineer.getByText("1 of 1 match")).toBeVisible({ timeout: 30_000 });
  await act(engineer, "Make it a candidate", "Meant to serve");
  await expect(engineer.getByRole("button", { name: "Ask for approval" })).toBeEnabled();
  await act(engineer, "Ask for approval", "Better on the support cases");
  await expect(engineer.getByRole("heading", { level: 1, name: `Approve ${model} v1 → approved?` })).toBeVisible();
  const asked = new URL(engineer.url()).pathname;

  const approver = await openAs(browser, "approver", { width: 390 });
  await approver.getByRole("link", { name: `${model} v1 → approved` }).click();
  await expect(approver).toHaveURL(new RegExp(`${asked}$`));
  for (const shown of [uri, sha256, "gitCommit: 4be19d0"]) await expect(approver.getByText(shown, { exact: false }).first()).toBeVisible();
  await expect(approver.getByText("haneul-7b-chat v1").first()).toBeVisible();
  expect(await fits(approver)).toBe(true);
  expect(await seriousProblems(approver)).toEqual([]);
  await approveHere(approver, "v1", "Compared it with its parent");

  await engineer.goto(`/demo/models/${model}/1`);
  await expect(engineer.locator('h1 ~ * [data-state-name="approved"], [data-state-name="approved"]').first()).toBeVisible();
  await expect(engineer.getByRole("link", { name: /^Approval \d+$/ }).first()).toBeVisible();
  const beforeMs = Date.now();

  await engineer.goto(`/demo/models/${model}`);
  await engineer.getByRole("button", { name: "Point an alias at a version" }).click();
  await engineer.getByRole("textbox", { name: "Name" }).fill("production");
  await engineer.getByLabel("Reason, kept in the history").fill("The first version that may serve");
  await engineer.getByRole("button", { name: "Ask for approval" }).click();
  await expect(engineer.getByRole("heading", { level: 1, name: `Approve ${model} production → v1?` })).toBeVisible();
  await approver.goto(new URL(engineer.url()).pathname);
  expect(await fits(approver)).toBe(true);
  await approveHere(approver, "v1", "It is approved");

  expect(await (await request.get(alias, { headers })).json()).toMatchObject({ version: 1 });
  const history = `/demo/models/${model}/aliases/production`;
  await engineer.goto(history);
  await expect(engineer.getByText("production was v1")).toBeVisible();
  await expect(engineer.getByText("The first version that may serve")).toBeVisible();
  const before = new Date(beforeMs).toISOString();
  expect((await request.get(`${alias}?at=${before}`, { headers })).status()).toBe(404);
  await engineer.goto(`${history}?at=${before}`);
  await expect(engineer.getByText("production was nowhere")).toBeVisible();
  await engineer.goto(`${history}?knownAt=${before}`);
  await expect(engineer.getByText("production was nowhere")).toBeVisible();
  await engineer.getByRole("button", { name: "As we know it now" }).click();
  await expect(engineer.getByText("production was v1")).toBeVisible();
  expect(await seriousProblems(engineer)).toEqual([]);
  await engineer.context().close();
  await approver.context().close();
});
