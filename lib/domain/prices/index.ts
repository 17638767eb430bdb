export { createPrice, listPrices } from "./manage-prices";
