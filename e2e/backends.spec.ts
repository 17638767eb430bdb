import { expect, type Page, test } from "@playwright/test";
import { z } from "zod";
import { demo, fits, openAs, seriousProblems } from "./people";

const Backends = z.looseObject({ items: z.array(z.looseObject({ name: z.string(), baseUrl: z.string(), hasKey: z.boolean() })) });

/** A page that follows an act: on a busy machine its server takes its time, which is nothing that this journey is about. */
const patient = { timeout: 60_000 };

/** What a key fact says. */
const fact = (page: Page, label: string) => page.locator("dl > div", { has: page.getByText(label, { exact: true }) }).first();

test("a backend is added, tested, loses its key with its host, and its page names the release that uses it", async ({
  browser,
  request,
}) => {
  test.setTimeout(300_000);
  const name = `journey-${Date.now()}`;
  const key = `sk-never-shown-${name}`;
  const headers = { authorization: `Bearer ${demo().apiToken}` };
  const listed = async () => Backends.parse(await (await request.get("/api/v1/backends?limit=200", { headers })).json()).items;
  const addressOf = async (wanted: string) => (await listed()).find((backend) => backend.name === wanted)?.baseUrl ?? "";
  const [first, second] = [await addressOf("sim-a-7b-chat"), await addressOf("sim-b-7b-chat")];
  expect(new URL(first).origin).not.toBe(new URL(second).origin);

  const page = await openAs(browser, "engineer", { at: "/demo/backends?new=1" });
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Kind").selectOption("simulated");
  await page.getByLabel("Address", { exact: true }).fill(first);
  await page.getByLabel("Served model").fill("haneul-7b-chat");
  await page.getByLabel("Capacity").fill("64");
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Add a backend" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible(patient);
  await expect(fact(page, "API key")).toContainText("stored");

  await page.getByRole("button", { name: "Test connection" }).click();
  const found = page.getByRole("list", { name: "Connection test" });
  for (const line of [
    "Address: private, and on the operator's list",
    "Connection: it accepts connections",
    "Key: it accepts the stored key",
    "Served model: it is among them",
    "Metrics: load and KV cache are told",
    "Kind: it is what was saved",
  ])
    await expect(found).toContainText(line, patient);
  expect(await page.content()).not.toContain(key);

  // Another host: the key was entered for the first one only.
  await page.getByRole("link", { name: "Edit" }).click();
  await expect(page.getByLabel("API key")).toHaveValue("");
  await page.getByLabel("Address", { exact: true }).fill(second);
  await page.getByRole("button", { name: "Save backend" }).click();
  await expect(fact(page, "API key")).toContainText("none", patient);
  await expect(fact(page, "Revision")).toContainText("2");
  expect((await listed()).find((backend) => backend.name === name)).toMatchObject({ baseUrl: second, hasKey: false });
  await expect(page.getByText("No release names it yet.", { exact: false })).toBeVisible();

  const endpoint = { name, description: "", environment: "production" };
  expect((await request.post("/api/v1/endpoints", { headers, data: endpoint })).status()).toBe(201);
  await page.goto(`/demo/endpoints/${name}?new=1`);
  await page.getByLabel("Model", { exact: true }).selectOption("haneul-7b-chat");
  await page.getByRole("checkbox", { name: new RegExp(`^${name}`) }).check();
  await page.getByLabel("First byte, ms").fill("20,000");
  await page.getByLabel("Attempts").fill("9");
  await expect(page.getByText("A whole number from 1 to 5, or nothing for the default.")).toBeVisible();
  await page.getByLabel("Attempts").fill("2");
  await page.getByRole("button", { name: "Create release" }).click();
  await expect(page.getByRole("heading", { level: 1, name: `${name} r1` })).toBeVisible(patient);
  await expect(page.getByText("2 attempts", { exact: true })).toBeVisible();
  const activate = { environment: "production", reason: "a journey" };
  expect((await request.post(`/api/v1/endpoints/${name}/releases/1/activate`, { headers, data: activate })).status()).toBe(200);

  await page.goto(`/demo/backends/${name}`);
  const uses = page.getByRole("table", { name: "Who uses it" });
  await expect(uses.getByRole("link", { name: `${name} r1` })).toBeVisible();
  await expect(uses).toContainText("Active");
  // The gateways tell of it once they serve from it.
  await expect(page.getByRole("table", { name: "Health by gateway" })).toContainText("Healthy", patient);
  expect(await seriousProblems(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 900 });
  expect(await fits(page)).toBe(true);
});
