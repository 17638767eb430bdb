/** The limit to be near: node:http in front, undici behind, nothing read, counted or recorded. */
import { createServer } from "node:http";
import { Pool } from "undici";

const [port, upstreamPort] = process.argv.slice(2).map(Number);
const pool = new Pool(`http://127.0.0.1:${upstreamPort}`, { connections: 1_024, pipelining: 1 });

createServer((request, response) => {
  const { headers } = request;
  pool
    .stream(
      {
        path: request.url ?? "/",
        method: "POST",
        headers: { "content-type": headers["content-type"] ?? "application/json", "content-length": headers["content-length"] ?? "0" },
        body: request,
        opaque: response,
      },
      ({ statusCode, headers: answer, opaque }) => {
        const length = answer["content-length"];
        opaque.writeHead(statusCode, {
          "content-type": answer["content-type"] ?? "",
          ...(length === undefined ? {} : { "content-length": length }),
        });
        return opaque;
      },
    )
    .catch(() => response.destroy());
}).listen(port, "127.0.0.1");
