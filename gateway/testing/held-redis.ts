import { connect, createServer, type Socket } from "node:net";

export interface HeldRedis {
  /** Where clients find Redis behind it. */
  readonly url: string;
  /** From now on answers are kept back: Redis takes commands and says nothing. */
  hold(): void;
  /** What was kept back goes on, and answers come at once again. */
  release(): void;
  close(): Promise<void>;
}

/** Stands before a Redis and can keep its answers back, as a machine that is too busy or a line that is dead does. */
export async function holdRedis(redisUrl: string): Promise<HeldRedis> {
  const { hostname, port } = new URL(redisUrl);
  const answers = new Set<Socket>();
  const sockets = new Set<Socket>();
  let isHeld = false;
  const server = createServer((client) => {
    const redis = connect(Number(port), hostname);
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        redis.destroy();
      });
    }
    client.pipe(redis);
    redis.pipe(client);
    answers.add(redis);
    redis.on("close", () => answers.delete(redis));
    if (isHeld) redis.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `redis://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    hold() {
      isHeld = true;
      for (const socket of answers) socket.pause();
    },
    release() {
      isHeld = false;
      for (const socket of answers) socket.resume();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
