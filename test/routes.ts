import { readdirSync } from "node:fs";
import path from "node:path";
import type { RouteHandler } from "@/lib/http/handle";

const API_FOLDER = path.join(import.meta.dirname, "..", "app", "api");
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof METHODS)[number];

export interface RouteFile {
  /** `/api/v1/models/{name}`; a catch-all segment reads `{...name}`. */
  readonly path: string;
  readonly methods: ReadonlyMap<Method, RouteHandler>;
}

const toSegment = (folder: string) => folder.replace(/^\[(.+)\]$/, "{$1}");

/** Every route file under app/api on disk with the methods that it exports. Nothing is listed by hand. */
export async function loadRoutes(): Promise<RouteFile[]> {
  const files = readdirSync(API_FOLDER, { recursive: true, encoding: "utf8" }).filter((name) => path.basename(name) === "route.ts");
  return Promise.all(
    files.sort().map(async (file) => {
      const loaded: Record<string, unknown> = await import(/* @vite-ignore */ path.join(API_FOLDER, file));
      const folders = path.dirname(file).split(path.sep);
      const methods = METHODS.flatMap((method) => {
        const handler = loaded[method];
        return typeof handler === "function" ? [[method, handler as RouteHandler] as const] : [];
      });
      return { path: `/api/${folders.map(toSegment).join("/")}`, methods: new Map(methods) };
    }),
  );
}

/** The file that Next would choose for an address, and what its parameters hold, still percent-encoded as Next gives them. */
export function matchRoute(routes: readonly RouteFile[], pathname: string): { route: RouteFile; params: Record<string, string> } | null {
  const parts = pathname.split("/");
  const fits = routes.flatMap((route) => {
    const pattern = route.path.split("/");
    if (pattern.length !== parts.length) return [];
    const params: Record<string, string> = {};
    for (const [index, expected] of pattern.entries()) {
      const name = /^\{(\w+)\}$/.exec(expected)?.[1];
      const part = parts[index] ?? "";
      if (name !== undefined) params[name] = part;
      else if (expected !== part) return [];
    }
    return [{ route, params }];
  });
  // A static segment wins over a parameter.
  fits.sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length);
  return fits[0] ?? null;
}
