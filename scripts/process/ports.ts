import { createServer } from "node:net";

function listenOnce(host: string, port: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(null);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : null));
    });
  });
}

export async function isPortFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return (await listenOnce(host, port)) !== null;
}

/** Ports that were free a moment ago, each a different one. */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = await listenOnce("127.0.0.1", 0);
    if (port !== null) ports.add(port);
  }
  return [...ports];
}

/** A port whose next one was free too a moment ago. */
export async function findFreePortPair(): Promise<number> {
  for (;;) {
    const [port = 0] = await findFreePorts(1);
    if (port < 65_535 && (await isPortFree(port + 1))) return port;
  }
}
