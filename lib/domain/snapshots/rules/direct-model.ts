import type { GatewayPrice } from "@/lib/contracts/gateway-config";

/** A variant of a release that is served now, as far as it tells what a backend serves. */
export interface ServedVariant {
  readonly backendIds: readonly string[];
  readonly modelVersionId: string;
  readonly modelVersionNumber: number;
  readonly modelName: string;
  readonly price: GatewayPrice | null;
}

export interface DirectModel {
  readonly modelVersionId: string | null;
  readonly modelVersionNumber: number | null;
  readonly modelName: string | null;
  readonly price: GatewayPrice | null;
}

/**
 * What a backend serves, told from the releases that use it: a backend itself knows no model of ours. Where they disagree nothing is said,
 * and so nothing is priced: a wrong price is worse than none.
 */
export function findDirectModel(backendId: string, variants: readonly ServedVariant[]): DirectModel {
  const using = variants.filter((v) => v.backendIds.includes(backendId));
  const [first] = using;
  if (first === undefined || using.some((v) => v.modelName !== first.modelName))
    return { modelVersionId: null, modelVersionNumber: null, modelName: null, price: null };
  const isOneVersion = using.every((v) => v.modelVersionId === first.modelVersionId);
  return {
    modelVersionId: isOneVersion ? first.modelVersionId : null,
    modelVersionNumber: isOneVersion ? first.modelVersionNumber : null,
    modelName: first.modelName,
    price: first.price,
  };
}
