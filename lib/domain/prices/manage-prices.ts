import { parseTextCursor, toPage } from "@/lib/core/cursor";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { command, query } from "../command";
import { createPrice as createSpec, listPrices as listSpec, type Price } from "./api";
import { findModelId, insertPrice, listPriceRows, type PriceRow } from "./store";

function toPrice(row: PriceRow): Price {
  return {
    id: row.id,
    model: row.model.name,
    inputUsd: row.inputUsd.toFixed(),
    outputUsd: row.outputUsd.toFixed(),
    perTokens: row.perTokens,
    validFrom: row.validFrom.toISOString(),
  };
}

export const listPrices = query(listSpec, async ({ reader, projectId, query: page }) => {
  const below = parseTextCursor(page.cursor);
  const rows = await listPriceRows(reader, { projectId, below, model: page.model, take: page.limit + 1 });
  const { items, nextCursor } = toPage(rows, page.limit, (r) => [r.id]);
  return { result: { items: items.map(toPrice), nextCursor } };
});

export const createPrice = command(createSpec, async ({ tx, projectId, body, now }) => {
  const model = await findModelId(tx, projectId, body.model);
  if (model === null)
    throw new AppError("invalid_reference", `The project has no model ${body.model}.`, {
      errors: [{ pointer: "/model", detail: "does not exist" }],
    });
  const row = await insertPrice(tx, {
    id: newId("price"),
    projectId,
    modelId: model.id,
    inputUsd: body.inputUsd,
    outputUsd: body.outputUsd,
    perTokens: body.perTokens,
    validFrom: body.validFrom === undefined ? now : new Date(body.validFrom),
  });
  const shown = toPrice(row);
  return {
    result: shown,
    jobs: [{ job: "publish-snapshot", payload: {} }],
    audit: { action: "price.set", objectKind: "price", objectId: row.id, objectName: body.model, details: shown },
  };
});
