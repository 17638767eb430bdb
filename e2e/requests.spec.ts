import { type Browser, type Page, expect as plainExpect, test } from "@playwright/test";
import { openAs, seriousProblems } from "./people";

// A page that is asked for the first time is made on a machine that may have much else to do.
const expect = plainExpect.configure({ timeout: 60_000 });

test.describe.configure({ timeout: 300_000 });

async function openRequests(browser: Browser, at: string, width = 1440): Promise<Page> {
  const page = await openAs(browser, "viewer", { width, at });
  await expect(page.getByRole("heading", { level: 1, name: "Requests" })).toBeVisible();
  return page;
}

test("a request is found by filters that the address keeps, opened, and its page tells every step of its way", async ({ browser }) => {
  const page = await openRequests(browser, "/demo/requests");
  await page.getByLabel("Endpoint").selectOption({ index: 1 });
  await page.getByText("More filters").click();
  await page.getByLabel("HTTP status").fill("2xx");
  // A stored answer has no call to show.
  await page.getByLabel("Slower than, ms").fill("200");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/status=2xx/);
  const chips = page.getByRole("navigation", { name: "Filters in effect" });
  await expect(chips.getByRole("link", { name: /HTTP status: 2xx/ })).toBeVisible();
  // An address is all that a colleague needs.
  await page.reload();
  await expect(page.getByLabel("HTTP status")).toHaveValue("2xx");
  expect(await seriousProblems(page)).toEqual([]);

  // The list goes on by itself: the row that is first now may be the tenth before it is clicked.
  const opened = await page.getByRole("row").nth(1).getByRole("link").first().getAttribute("href");
  await page.goto(opened ?? "");
  await page.getByRole("link", { name: "Open its page" }).click();
  await expect(page).toHaveURL(/\/demo\/requests\/req_[0-9a-f]{32}/);
  const steps = page.getByRole("table", { name: "From arrival to end" });
  for (const step of ["Receive and authenticate", "Choose a backend, build the prompt", /^Call 1: /, "Total"])
    await expect(steps.getByRole("rowheader", { name: step })).toBeVisible();
  await expect(steps.locator('[data-step="call"]').last()).toContainText("HTTP 200");
  expect(await seriousProblems(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(steps).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);

  await page.goBack();
  await page.goBack();
  await chips.getByRole("link", { name: /HTTP status: 2xx/ }).click();
  await expect(page).not.toHaveURL(/status=/);
});

test("a filter that lets nothing through says so and how to be rid of it", async ({ browser }) => {
  const page = await openRequests(browser, "/demo/requests?id=no-such-id");
  await page.getByRole("link", { name: "Clear all" }).click();
  await expect(page.getByRole("table", { name: "Requests" })).toBeVisible();
});

test("the log is followed live until it is stopped", async ({ browser }) => {
  const page = await openRequests(browser, "/demo/requests");
  await page.getByRole("link", { name: "Follow live" }).click();
  await expect(page).toHaveURL(/tail=on/);
  // The demo's applications ask all the time.
  await expect(page.getByRole("status").filter({ hasText: /[1-9]\d* shown since you began to follow/ })).toBeVisible();
  expect(await page.getByRole("row").count()).toBeGreaterThan(1);
  await page.getByRole("link", { name: "Stop following" }).click();
  await expect(page).not.toHaveURL(/tail=on/);
  await expect(page.getByRole("link", { name: "Follow live" })).toBeVisible();
});
