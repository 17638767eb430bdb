import { dataFault } from "@/lib/infra/data-fault";

interface Taking<T> {
  /** Of more than one, those before a failure may be given to it again. */
  readonly take: (items: readonly T[]) => Promise<void>;
  /** What PostgreSQL will never take, and why: it must hold up none of the others. */
  readonly refuse: (item: T, fault: string) => Promise<void>;
}

/**
 * Takes all of them at once. Where one holds a value that PostgreSQL refuses, halves until that one is alone, always in their order.
 * @throws every other failure: then they are still to be taken
 */
export async function takeApart<T>(items: readonly T[], taking: Taking<T>): Promise<void> {
  const [only] = items;
  if (only === undefined) return;
  try {
    await taking.take(items);
  } catch (error) {
    const fault = dataFault(error);
    if (fault === null) throw error;
    if (items.length === 1) return taking.refuse(only, fault);
    const middle = Math.ceil(items.length / 2);
    await takeApart(items.slice(0, middle), taking);
    await takeApart(items.slice(middle), taking);
  }
}
