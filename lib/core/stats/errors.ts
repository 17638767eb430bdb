/** What a caller did wrong; `invalid_option` and `invalid_summary` are programming errors, the others come with data. */
export type StatsErrorCode = "invalid_option" | "invalid_summary" | "invalid_value" | "non_finite" | "sample_too_large" | "invalid_bytes";

/**
 * Thrown for input that no statistic is defined for. Thin or degenerate data is not an error: those functions return a
 * result whose `status` names the state and whose figures are null, never NaN.
 */
export class StatsError extends Error {
  override readonly name = "StatsError";
  readonly code: StatsErrorCode;

  constructor(code: StatsErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Throws `invalid_option` unless 0 < value < 1; `name` is the option as the caller wrote it. */
export function assertOpenUnit(value: number, name: string): void {
  if (!(value > 0 && value < 1)) throw new StatsError("invalid_option", `${name} must lie strictly between 0 and 1, got ${value}`);
}

/** Throws `invalid_option` unless value is one of those that an option knows; callers in plain JavaScript can pass anything. */
export function assertOneOf<T extends string>(value: T, known: readonly T[], name: string): void {
  if (!known.includes(value)) throw new StatsError("invalid_option", `${name} must be one of ${known.join(", ")}, got ${String(value)}`);
}

/** Throws `non_finite` for a NaN, which is no place on any scale. */
export function assertNotNaN(value: number, name: string): void {
  if (Number.isNaN(value)) throw new StatsError("non_finite", `${name} must be a number, got NaN`);
}

/** Throws `non_finite` where figures of huge values have grown past the largest float64, so that nothing can be said. */
export function assertAllFinite(values: readonly number[], name: string): void {
  if (!values.every(Number.isFinite)) throw new StatsError("non_finite", `${name} is beyond the largest number`);
}

/** Throws `invalid_option` unless value is a safe integer of at least `minimum`. */
export function assertIntegerAtLeast(value: number, minimum: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw new StatsError("invalid_option", `${name} must be an integer of at least ${minimum}, got ${value}`);
  }
}
