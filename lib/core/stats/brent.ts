/** Machine epsilon four times over, the relative part of the tolerance that scipy's brentq uses. */
const RELATIVE = 4 * 2 ** -52;
const MAX_STEPS = 200;

interface Bracket {
  readonly from: number;
  readonly to: number;
  /** Absolute distance at which two guesses count as one. */
  readonly tolerance: number;
}

/**
 * Where a continuous function of opposite signs at both ends is 0: Brent's method (1973, ch. 4) with the steps of scipy.optimize.brentq, so
 * that the same function gives the same root to the last digit that the tolerance leaves open.
 */
export function brent(f: (x: number) => number, { from, to, tolerance }: Bracket): number {
  let [previous, current, opposite] = [from, to, from];
  let [fPrevious, fCurrent] = [f(from), f(to)];
  if (fPrevious === 0) return from;
  if (fCurrent === 0) return to;
  let fOpposite = fPrevious;
  let [stepBefore, step] = [0, 0];
  for (let i = 0; i < MAX_STEPS; i++) {
    if (fPrevious * fCurrent < 0) {
      [opposite, fOpposite] = [previous, fPrevious];
      step = current - previous;
      stepBefore = step;
    }
    if (Math.abs(fOpposite) < Math.abs(fCurrent)) {
      [previous, current, opposite] = [current, opposite, current];
      [fPrevious, fCurrent, fOpposite] = [fCurrent, fOpposite, fCurrent];
    }
    const delta = (tolerance + RELATIVE * Math.abs(current)) / 2;
    const half = (opposite - current) / 2;
    if (fCurrent === 0 || Math.abs(half) < delta) return current;
    const attempt = interpolate({ previous, current, opposite, fPrevious, fCurrent, fOpposite });
    const isShort = 2 * Math.abs(attempt) < Math.min(Math.abs(stepBefore), 3 * Math.abs(half) - delta);
    if (Math.abs(stepBefore) > delta && Math.abs(fCurrent) < Math.abs(fPrevious) && isShort) {
      stepBefore = step;
      step = attempt;
    } else {
      step = half;
      stepBefore = half;
    }
    [previous, fPrevious] = [current, fCurrent];
    current += Math.abs(step) > delta ? step : half > 0 ? delta : -delta;
    fCurrent = f(current);
  }
  return current;
}

interface Guesses {
  readonly previous: number;
  readonly current: number;
  readonly opposite: number;
  readonly fPrevious: number;
  readonly fCurrent: number;
  readonly fOpposite: number;
}

/** The step to where the secant, or the hyperbola through all three guesses, crosses 0. */
function interpolate({ previous, current, opposite, fPrevious, fCurrent, fOpposite }: Guesses): number {
  if (previous === opposite) return (-fCurrent * (current - previous)) / (fCurrent - fPrevious);
  const toPrevious = (fPrevious - fCurrent) / (previous - current);
  const toOpposite = (fOpposite - fCurrent) / (opposite - current);
  return (-fCurrent * (fOpposite * toOpposite - fPrevious * toPrevious)) / (toOpposite * toPrevious * (fOpposite - fPrevious));
}
