/** The limit to be near: node:http in front, undici behind, nothing read, counted or recorded. */
import { createServer } from "node:http";
import { Pool } from "undici";

const [port, upstreamPort] = process.argv.slice(2).map(Number);
const pool = new Pool(`http://127.0.0.1:${upstreamPort}`, { connections: 1_024, pipelining: 1 });

createServer((request, response) => {
  const { headers } = request;
  const sent = ["content-type", headers["content-type"] ?? "application/json", "content-length", headers["content-length"] ?? "0"];
  pool
    .stream({ path: request.url ?? "/", method: "POST", headers: sent, body: request }, ({ statusCode, headers: answer }) => {
      const length = answer["content-length"];
      response.writeHead(statusCode, [
        "content-type",
        String(answer["content-type"]),
        ...(length === undefined ? [] : ["content-length", String(length)]),
      ]);
      return response;
    })
    .catch(() => response.destroy());
}).listen(port, "127.0.0.1");
