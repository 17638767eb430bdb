import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePorts } from "@/scripts/process/ports";
import { loadRoutes, type Method, type RouteFile } from "@/test/routes";
import { refuseAtTheDoor, standAtTheDoor } from "./front-door";

const METHODS: Method[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
let routes: readonly RouteFile[];
beforeAll(async () => {
  routes = await loadRoutes();
});

describe("the door of the API", () => {
  it("lets through exactly the methods that the route files on disk have", () => {
    const own = routes.filter((r) => r.path.startsWith("/api/v1/") && !r.path.includes("{..."));
    expect(own.length).toBeGreaterThan(40);
    for (const { path, methods } of own) {
      const address = path.replaceAll(/\{\w+\}/g, "1");
      for (const method of METHODS)
        expect([method, path, refuseAtTheDoor(method, `${address}?limit=1`) === null]).toEqual([method, path, methods.has(method)]);
      expect(refuseAtTheDoor("TRACE", address)?.error.code).toBe("method_not_allowed");
      expect(refuseAtTheDoor("HEAD", address) === null).toBe(methods.has("GET"));
    }
  });

  it("leaves every other address alone", () => {
    for (const path of ["/", "/api/v1x", "/api/auth/session", "/demo/models/%zz", "/healthz", "*"])
      expect(refuseAtTheDoor("PATCH", path)).toBeNull();
  });
});

describe("a web process", () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    standAtTheDoor();
    [port = 0] = await findFreePorts(1);
    server = createServer((_request, response) => response.end("next"));
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  });
  afterAll(() => void server.close());

  /** As the bytes stand: fetch would mend the address and refuse the method. */
  const ask = (line: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => socket.write(`${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
      let text = "";
      socket.on("data", (bytes) => {
        text += bytes.toString();
      });
      socket.on("end", () => resolve(text));
      socket.on("error", reject);
    });

  it.each([
    ["DELETE /api/v1/models", 405, "method_not_allowed", "GET, HEAD, OPTIONS, POST"],
    ["TRACE /api/v1/models", 405, "method_not_allowed", "GET, HEAD, OPTIONS, POST"],
    ["PROPFIND /api/v1/rollouts/7", 405, "method_not_allowed", "GET, HEAD, OPTIONS"],
    ["POST /api/v1/openapi.json", 405, "method_not_allowed", "GET, HEAD, OPTIONS"],
    ["GET /api/v1/models/%zz", 404, "not_found", null],
    ["GET /api/v1/models/%ff", 404, "not_found", null],
    ["GET /api/v1", 404, "not_found", null],
    ["PATCH /api/v1?x=1", 404, "not_found", null],
    ["TRACE /api/v1/nothing", 404, "not_found", null],
  ])("%s is answered as a problem", async (line, status, code, allow) => {
    const [head = "", body = ""] = (await ask(line)).split("\r\n\r\n");
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head.toLowerCase()).toContain("content-type: application/problem+json");
    expect(/^allow: (.*)$/im.exec(head)?.[1] ?? null).toBe(allow);
    expect(body).toContain(`"code":"${code}"`);
  });

  it("asks the application for everything else", async () => {
    for (const line of ["GET /api/v1/models", "HEAD /api/v1/models", "GET /api/v1/nothing", "DELETE /", "GET /demo/%zz"])
      expect((await ask(line)).startsWith("HTTP/1.1 200 ")).toBe(true);
  });
});
