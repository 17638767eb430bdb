import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { db } from "@/lib/infra/db";
import { createTestProject, type TestProject } from "@/test/factories";
import { openTestWeb, send, type TestWeb, visitAs } from "@/test/web";

let web: TestWeb;
let project: TestProject;
beforeAll(async () => {
  web = await openTestWeb();
  project = await createTestProject(web);
});
afterAll(() => web.close());
afterEach(() => vi.restoreAllMocks());

it("a stream ends for whoever has lost the right to read it, and not for others", async () => {
  const [stays, goes] = [await visitAs(project, "viewer"), await visitAs(project, "viewer")];
  const open = async (visitor: typeof stays) => {
    const answer = await send(web, visitor, "GET /api/v1/requests/tail?environment=production&seconds=120");
    expect(answer.status).toBe(200);
    const reader = answer.body?.getReader();
    if (reader === undefined) throw new Error("a stream has a body");
    expect((await reader.read()).done).toBe(false);
    return reader;
  };
  const [read, lost] = [await open(stays), await open(goes)];
  await db().prisma.member.deleteMany({ where: { userId: goes.userId } });
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + 10_000);
  // What was made before is still read.
  const rest = async () => {
    for (let i = 0; i < 3; i++) await lost.read();
  };
  await expect(rest()).rejects.toThrow();
  for (let i = 0; i < 3; i++) expect((await read.read()).done).toBe(false);
  await read.cancel();
});
