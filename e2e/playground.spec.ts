import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { openAs } from "./people";

test("a prompt version is tried on two targets side by side, kept as an evaluation case, and its runs stand in the log as playground", async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const page = await openAs(browser, "engineer", { at: `/demo/prompts/${encodeURIComponent("orders/summary")}/1` });
  await page.getByRole("link", { name: "Open in playground" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Playground" })).toBeVisible();
  await page.getByLabel("company").fill("Haneul");
  await page.getByLabel(/Message after the prompt/).fill("Order 4711: two lamps, one broken on arrival.");
  const endpoint = page.getByRole("checkbox", { name: /order-summary/ });
  await endpoint.click();
  await page.getByRole("group", { name: "Backends" }).getByRole("checkbox").first().click();
  await page.keyboard.press("Control+Enter");

  const answers = page.getByRole("region", { name: "Answers" });
  await expect(answers.getByText("done", { exact: true })).toHaveCount(2, { timeout: 60_000 });
  for (const column of await answers.getByRole("region", { name: /^Answer of/ }).all()) {
    await expect(column.locator("[data-answer]")).not.toBeEmpty();
    await expect(column.getByText("Tokens in / out")).toBeVisible();
    await expect(column.getByText("simulated").first()).toBeVisible();
  }
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id}: ${v.nodes[0]?.html}`)).toEqual(
    [],
  );

  // What was typed is there after a reload.
  await page.reload();
  await expect(page.getByLabel("company")).toHaveValue("Haneul");
  await expect(endpoint).toBeChecked();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(answers.getByText("done", { exact: true })).toHaveCount(2, { timeout: 60_000 });

  const set = `journey-${Date.now()}`;
  await answers.getByRole("button", { name: "Save as evaluation case" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Evaluation set").selectOption({ label: "New set" });
  await dialog.getByLabel("Name of the new set").fill(set);
  await dialog.getByRole("button", { name: "Save as evaluation case" }).click();
  // The announcer for screen readers says the same for a moment, with a word before it.
  await expect(page.getByText(`Case 1 saved in ${set}`, { exact: true })).toBeVisible();
  await page.goto(`/demo/evaluation-sets/${set}`);
  await expect(page.getByText("Order 4711: two lamps, one broken on arrival.")).toBeVisible();
  await expect(page.getByText("orders/summary v1")).toBeVisible();

  await expect(async () => {
    await page.goto("/demo/requests?source=playground");
    expect(await page.getByRole("row").filter({ hasText: "playground" }).count()).toBeGreaterThanOrEqual(4);
  }).toPass({ timeout: 30_000 });
});

test("a viewer sees the playground, with the reason why it does not run", async ({ browser }) => {
  const page = await openAs(browser, "viewer", { at: "/demo/playground" });
  await expect(page.getByText("Running needs the role Engineer")).toBeVisible();
  await expect(page.getByRole("button", { name: "Run", exact: true })).toBeDisabled();
});
