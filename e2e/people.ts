import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContext, expect, type Page } from "@playwright/test";
import { z } from "zod";

const Demo = z.looseObject({
  apiToken: z.string(),
  signIns: z.array(z.looseObject({ email: z.string(), password: z.string(), role: z.string() })),
});

/** Where the stack under test left its addresses and sign-ins; artifacts that it may read lie beside it. */
export const DEMO_FILE = process.env.E2E_DEMO_FILE ?? ".switchyard/demo.json";
export const demo = () => Demo.parse(JSON.parse(readFileSync(DEMO_FILE, "utf8")));

type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;
/** Who signed in before: signing in itself is what console.spec proves. */
const signedIn = new Map<string, Cookies>();

/** React has taken the page over: a click in the very moment in which it does so is lost. */
async function waitUntilTaken(page: Page): Promise<void> {
  await page.waitForFunction(() => Object.keys(document.querySelector("h1") ?? {}).some((key) => key.startsWith("__reactFiber$")));
}

/** Somebody of this role in a window of their own, at an address. Nobody signs in twice. */
export async function openAs(browser: Browser, role: string, { width = 1440, at = "/demo/approvals" } = {}): Promise<Page> {
  const person = demo().signIns.find((s) => s.role === role);
  if (person === undefined) throw new Error(`the demo has no ${role}`);
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  const page = await context.newPage();
  const cookies = signedIn.get(role);
  if (cookies !== undefined) {
    await context.addCookies(cookies);
    await page.goto(at);
    await waitUntilTaken(page);
    return page;
  }
  await page.goto(at);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in", { timeout: 30_000 });
  signedIn.set(role, await context.cookies());
  await waitUntilTaken(page);
  return page;
}

export async function seriousProblems(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.filter((v) => v.impact === "serious" || v.impact === "critical").map((v) => `${v.id}: ${v.nodes[0]?.html ?? ""}`);
}

/** Approves what a request asks for on the phone where it is open. */
export async function approveHere(page: Page, version: string, reason: string): Promise<void> {
  await page.getByRole("button", { name: `Approve ${version}` }).click();
  const sheet = page.getByRole("alertdialog");
  await expect(sheet).toContainText("it is done at once");
  await sheet.getByRole("textbox").fill(reason);
  await sheet.getByRole("button", { name: `Approve ${version}` }).click();
  await expect(page.locator('[data-state-name="done"]').first()).toBeVisible();
}

/** The page is as wide as its window: nothing has to be scrolled sideways. */
export const fits = (page: Page): Promise<boolean> => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
