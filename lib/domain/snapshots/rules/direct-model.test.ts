import { describe, expect, it } from "vitest";
import { findDirectModel, type ServedVariant } from "./direct-model";

const price = { id: "prc_1", inputUsd: "1", outputUsd: "2", perTokens: 1_000 };
const variant = (parts: Partial<ServedVariant> = {}): ServedVariant => ({
  backendIds: ["bck_1"],
  modelVersionId: "mdv_1",
  modelVersionNumber: 1,
  modelName: "small",
  price,
  ...parts,
});
const NOTHING = { modelVersionId: null, modelVersionNumber: null, modelName: null, price: null };

describe("the model of a backend", () => {
  it("is the one that every release serves on it", () => {
    expect(findDirectModel("bck_1", [variant(), variant(), variant({ backendIds: ["bck_2"], modelName: "other" })])).toEqual({
      modelVersionId: "mdv_1",
      modelVersionNumber: 1,
      modelName: "small",
      price,
    });
  });

  it("has a price and no version where several versions of it are served", () => {
    const next = variant({ modelVersionId: "mdv_2", modelVersionNumber: 2 });
    expect(findDirectModel("bck_1", [variant(), next])).toEqual({ ...NOTHING, modelName: "small", price });
  });

  it("is unknown where none or several are served: nothing is priced by a guess", () => {
    expect(findDirectModel("bck_3", [variant()])).toEqual(NOTHING);
    expect(findDirectModel("bck_1", [variant(), variant({ modelName: "large" })])).toEqual(NOTHING);
  });
});
