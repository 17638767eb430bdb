import { expect, type Locator, type Page, test } from "@playwright/test";
import { fits, openAs, seriousProblems } from "./people";

const FORM = "/demo/experiments?new=1&endpoint=ticket-triage";

/** Moves the focus forward by key alone until it is there. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let press = 0; press < 80; press++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("the key never came there");
}

async function typeInto(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press("Control+A");
  // In one go: every key would draw the whole form anew.
  await page.keyboard.insertText(text);
}

test("an experiment with a guardrail and a sequential plan is planned by keyboard, and read back as it was typed", async ({ browser }) => {
  test.setTimeout(240_000);
  const page = await openAs(browser, "engineer", { at: FORM });
  const name = `By keyboard ${Date.now()}`;
  const label = (text: string) => page.getByLabel(text, { exact: true });

  await typeInto(page, label("Name"), name);
  await typeInto(page, page.getByLabel(/^Hypothesis/), "Shorter answers are as right.");
  await typeInto(page, label("Share of the control, %"), "49.99");
  await expect(page.getByText("The shares sum to 99.99 %: 0.01 % are missing.")).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "Equal shares" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText("The shares sum to 100 %.")).toBeVisible();
  await typeInto(page, label("Metric"), "accuracy");
  await tabTo(page, page.getByRole("button", { name: "Add a guardrail" }));
  await page.keyboard.press("Enter");
  const guardrail = page.getByRole("group", { name: "Guardrail 1" });
  await expect(guardrail.getByLabel("Metric", { exact: true })).toHaveValue("error_ratio");
  await typeInto(page, page.getByLabel("Smallest difference worth finding, %"), "4");
  await page.getByText("Error rates and baseline").press("Enter");
  await typeInto(page, page.getByLabel(/^Mean today/), "0.75");
  await typeInto(page, page.getByLabel(/^Standard deviation today/), "0.2");

  // 2 (1.960 + 0.842)² / (0.04 · 0.75 / 0.2)² is below the least that a plan should ask for.
  const size = page.getByRole("region", { name: "How large it must be" });
  await expect(size.getByText("The calculation needs 699;")).toBeVisible();
  const curve = page.getByRole("img", { name: /^Chance of finding the difference: / });
  await expect(curve).toBeVisible();
  await page.getByRole("radio", { name: "Once, at the end" }).focus();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: "At any time" })).toBeChecked();
  await expect(size.getByText("The calculation needs 699;")).toBeHidden();
  await page.getByRole("radio", { name: "As calculated" }).focus();
  await page.keyboard.press("ArrowDown");
  await typeInto(page, page.getByLabel("Subjects with a score, in each group"), "many");
  expect(await seriousProblems(page)).toEqual([]);

  await tabTo(page, page.getByRole("button", { name: "Save draft" }));
  await page.keyboard.press("Enter");
  const minimum = page.getByLabel("Subjects with a score, in each group");
  await expect(minimum).toBeFocused();
  await expect(minimum).toHaveAttribute("aria-invalid", "true");
  await expect(label("Name")).toHaveValue(name);
  await typeInto(page, minimum, "500");
  await expect(page.getByText("fewer than 1,000 subjects in each group")).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "Save draft" }));
  await page.keyboard.press("Enter");

  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  const { pathname } = new URL(page.url());
  await page.getByRole("link", { name: "Change the plan" }).click();
  await expect(label("Name")).toHaveValue(name);
  await expect(page.getByLabel(/^Hypothesis/)).toHaveValue("Shorter answers are as right.");
  await expect(page.getByRole("radio", { name: "At any time" })).toBeChecked();
  await expect(guardrail.getByLabel("May get worse by, %")).toHaveValue("5");
  await expect(page.getByLabel("Smallest difference worth finding, %")).toHaveValue("4");
  await expect(page.getByLabel(/^Mean today/)).toHaveValue("0.75");
  await expect(minimum).toHaveValue("500");

  // What is not saved is not left without a word.
  await typeInto(page, label("Name"), `${name}, changed`);
  page.once("dialog", (dialog) => void dialog.dismiss());
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(label("Name")).toHaveValue(`${name}, changed`);
  // Back asks nothing and loses nothing.
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await page.goForward();
  await expect(page.getByText("What you typed here before you left is back.")).toBeVisible();
  await expect(label("Name")).toHaveValue(`${name}, changed`);
  await label("Name").press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: `${name}, changed` })).toBeVisible();

  await page.goto(`/demo/experiments?new=1&from=${pathname.split("/").at(-1)}`);
  await expect(label("Name")).toHaveValue(`${name}, changed, again`);
  await expect(minimum).toHaveValue("500");
});

test("the form fits a phone, with its calculation under the fields", async ({ browser }) => {
  const page = await openAs(browser, "engineer", { width: 390, at: FORM });
  await page.getByRole("button", { name: "Add a guardrail" }).click();
  await page.getByLabel("Metric", { exact: true }).first().fill("accuracy");
  await page.getByText("Error rates and baseline").click();
  await page.getByLabel(/^Mean today/).fill("0.75");
  await page.getByLabel(/^Standard deviation today/).fill("0.2");
  await expect(page.getByRole("img", { name: /^Chance of finding the difference: / })).toBeVisible();
  expect(await fits(page)).toBe(true);
  expect(await seriousProblems(page)).toEqual([]);
});
