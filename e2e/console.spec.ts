import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { z } from "zod";

const Demo = z.looseObject({ signIns: z.array(z.looseObject({ email: z.string(), password: z.string(), role: z.string() })) });

function signInOf(role: string) {
  const { signIns } = Demo.parse(JSON.parse(readFileSync(process.env.E2E_DEMO_FILE ?? ".switchyard/demo.json", "utf8")));
  const found = signIns.find((s) => s.role === role);
  if (found === undefined) throw new Error(`the demo has no ${role}`);
  return found;
}

async function signIn(page: Page, role: string): Promise<void> {
  const { email, password } = signInOf(role);
  await page.goto("/demo");
  await expect(page).toHaveURL(/\/sign-in\?callbackUrl=%2Fdemo/);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/demo$/);
}

async function seriousProblems(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id}: ${v.nodes[0]?.html ?? ""}`);
}

test("a stranger is asked to sign in, a wrong password is refused in words, and what was typed stays", async ({ page }) => {
  await page.goto("/demo");
  await page.getByLabel("E-mail").fill("nobody@example.com");
  await page.getByLabel("Password").fill("wrong password");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert").filter({ hasText: "do not belong together" })).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveValue("nobody@example.com");
  expect(await seriousProblems(page)).toEqual([]);
});

for (const width of [1440, 390])
  test(`an approver signs in and sees the demo's live traffic at ${width} px, with nothing in the console and no serious axe finding`, async ({
    page,
  }) => {
    const errors: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("401")) errors.push(message.text());
    });
    page.on("pageerror", (error) => errors.push(error.message));
    await page.setViewportSize({ width, height: 900 });
    await signIn(page, "approver");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByText("support-chat").first()).toBeVisible({ timeout: 30_000 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    expect(await seriousProblems(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

test("another project's address is as if it were not there", async ({ page }) => {
  await signIn(page, "viewer");
  const response = await page.goto("/no-such-project");
  expect(response?.status()).toBe(404);
});

test("an engineer plans an experiment, starts it, sees both groups and stops it, each with a reason", async ({ page }) => {
  test.setTimeout(120_000);
  const name = `Shorter summaries ${Date.now()}`;
  await signIn(page, "engineer");
  await page.goto("/demo/experiments?new=1&endpoint=order-summary");
  await page.getByRole("button", { name: "Save draft" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Metric", { exact: true }).fill("helpfulness");
  await page.getByLabel("Share of the control, %").fill("2");
  await page.getByLabel("Share of the treatment, %").fill("1");
  await expect(page.getByText("The other 97 % get r1 and are not counted.")).toBeVisible();
  expect(await seriousProblems(page)).toEqual([]);
  await page.getByRole("button", { name: "Save draft" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByText("Not started: it moves no traffic")).toBeVisible();

  // The demo's own rollout of this endpoint may still be on its way back: the button says so until it is.
  const start = page.getByRole("main").getByRole("button", { name: "Start the experiment" });
  await expect(start).toBeEnabled({ timeout: 60_000 });
  await start.click();
  await page.getByRole("alertdialog").getByRole("textbox").fill("Do shorter summaries help?");
  await page.getByRole("alertdialog").getByRole("button", { name: "Start the experiment" }).click();
  await expect(page.locator('[data-state-name="running"]').first()).toBeVisible();
  await expect(page.getByText(/^Keep running:/)).toBeVisible();
  const groups = page.getByRole("table", { name: "Per variant" });
  await expect(groups.getByRole("columnheader", { name: "Control r1" })).toBeVisible();
  await expect(groups.getByRole("columnheader", { name: "Treatment r2" })).toBeVisible();
  expect(await seriousProblems(page)).toEqual([]);

  await page.getByRole("main").getByRole("button", { name: "Stop the experiment" }).click();
  await page.getByRole("alertdialog").getByRole("textbox").fill("Only a trial");
  await page.getByRole("alertdialog").getByRole("button", { name: "Stop the experiment" }).click();
  await expect(page.locator('[data-state-name="stopped"]').first()).toBeVisible();
  await page.getByRole("link", { name: /^History/ }).click();
  await expect(page.getByText("“Only a trial”")).toBeVisible();
  await page.goto("/demo/experiments?state=stopped");
  await expect(page.getByRole("link", { name })).toBeVisible();
});

test("whatever the API refuses is a problem, through the real server too, and its page says how to mend it", async ({ page, request }) => {
  for (const [answer, status] of [
    [await request.get("/api/v1/nothing"), 404],
    [await request.get("/api/v1"), 404],
    [await request.delete("/api/v1/models"), 405],
    [await request.fetch("/api/v1/models/%ff"), 404],
    [await request.get("/api/v1/models"), 401],
  ] as const) {
    expect([answer.url(), answer.status(), answer.headers()["content-type"]]).toEqual([answer.url(), status, "application/problem+json"]);
    const problem = z.looseObject({ type: z.string(), code: z.string(), status: z.literal(status) }).parse(await answer.json());
    const response = await page.goto(problem.type);
    expect([problem.type, response?.status()]).toEqual([problem.type, 200]);
    await expect(page.getByRole("heading", { level: 1, name: problem.code })).toBeVisible();
    await expect(page.getByRole("heading", { name: "How to mend it" })).toBeVisible();
  }
});
