import { afterAll, beforeAll, expect, it } from "vitest";
import { db } from "@/lib/infra/db";
import { asOwner, openTestDomain, type TestDomain } from "@/test/factories";
import { ingestBatch } from ".";
import { testEvent, toSpooled } from "./testing/usage-events";

let domain: TestDomain;
beforeAll(async () => {
  domain = await openTestDomain();
  await asOwner(domain, "alter table usage.event drop constraint event_pkey");
});
afterAll(() => domain.close());

it("the log's primary key is the only mark of what was taken: without it a repetition is stored twice", async () => {
  const batch = JSON.stringify(toSpooled([testEvent(), testEvent()]));
  await ingestBatch("gw-keyless-1", batch);
  await ingestBatch("gw-keyless-1", batch);
  const { rows } = await db().pool.query("select count(*)::int as n from usage.event");
  expect(rows).toEqual([{ n: 4 }]);
});
