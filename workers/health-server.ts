import { createServer, type Server } from "node:http";
import type { Registry } from "prom-client";

/** `/healthz`, `/readyz` and `/metrics` of the worker. */
export function startHealthServer(options: {
  port: number;
  host: string;
  registry: Registry;
  isReady: () => Promise<boolean>;
}): Promise<Server> {
  const server = createServer(async (request, response) => {
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    try {
      if (request.url === "/healthz") json(200, { status: "alive" });
      else if (request.url === "/readyz") {
        const ready = await options.isReady();
        json(ready ? 200 : 503, { status: ready ? "ready" : "not ready" });
      } else if (request.url === "/metrics")
        response.writeHead(200, { "content-type": options.registry.contentType }).end(await options.registry.metrics());
      else json(404, { status: "unknown address" });
    } catch {
      if (!response.headersSent) json(503, { status: "not ready" });
      else response.end();
    }
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => resolve(server));
  });
}
