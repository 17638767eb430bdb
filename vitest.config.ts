import path from "node:path";
import { defineConfig } from "vitest/config";

const alias = { "@": import.meta.dirname };
const exclude = ["**/node_modules/**", ".next/**", "dist/**", ".switchyard/**", "generated/**"];

/** `unit` is pure and instant; `integration` runs against a real PostgreSQL and Redis that test/services.ts starts. */
export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          testTimeout: 30_000,
          include: ["**/*.test.ts", "**/*.test.tsx"],
          exclude,
          // Run together, the two take turns: they have different numbers of workers.
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: "integration",
          include: ["**/*.itest.ts"],
          exclude,
          globalSetup: [path.join(import.meta.dirname, "test/services.ts")],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
