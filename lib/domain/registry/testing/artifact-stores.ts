import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on 127.0.0.1 for one test file. */
export interface TestStore {
  readonly host: string;
  readonly url: string;
  /** What was asked for, oldest first: `GET /path`. */
  readonly asked: string[];
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(answer: Answer): Promise<TestStore> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An HTTP store; each path answers as its entry says. */
export function openHttpStore(answers: Readonly<Record<string, Answer>>): Promise<TestStore> {
  return listen((request, response) => {
    const answer = answers[request.url ?? ""];
    if (answer === undefined) response.writeHead(404).end();
    else answer(request, response);
  });
}

const XML = { "content-type": "application/xml" };
const problem = (code: string) => `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;

/** As much of the S3 protocol as GetObject needs: path-style addresses, signed requests by one access key, S3's error documents. */
export function openS3Store(objects: ReadonlyMap<string, Buffer>, accessKey: string): Promise<TestStore> {
  return listen((request, response) => {
    const path = decodeURIComponent((request.url ?? "").split("?")[0] ?? "").slice(1);
    const body = objects.get(path);
    if (!String(request.headers.authorization ?? "").startsWith(`AWS4-HMAC-SHA256 Credential=${accessKey}/`))
      response.writeHead(403, XML).end(problem("InvalidAccessKeyId"));
    else if (path.startsWith("locked/")) response.writeHead(403, XML).end(problem("AccessDenied"));
    else if (body === undefined) response.writeHead(404, XML).end(problem("NoSuchKey"));
    else response.writeHead(200, { "content-length": body.length, etag: '"1"' }).end(body);
  });
}
