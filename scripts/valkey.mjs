/**
 * The embedded default where no Redis server is installed: Valkey compiled to WebAssembly, in memory only.
 * Settings: REDIS_PORT, REDIS_PASSWORD. Ends at SIGTERM or SIGINT.
 */
import { connect } from "node:net";
import { PromptValkeyServer } from "./services/prompt-valkey.mjs";

const port = Number(process.env.REDIS_PORT);
const password = process.env.REDIS_PASSWORD ?? "";

// The library writes the engine's boot log and warnings to the console; they belong to the log file as they are.
const server = new PromptValkeyServer({ port, host: "127.0.0.1" });
await server.start();

/** The WebAssembly build takes no configuration file, so the password is set over the wire at once. */
function setPassword() {
  const words = ["CONFIG", "SET", "requirepass", password];
  const request = `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    socket.once("error", reject);
    socket.once("data", (answer) => {
      socket.destroy();
      if (answer.toString().startsWith("+OK")) resolve(undefined);
      else reject(new Error(`Valkey refused the password: ${answer}`));
    });
  });
}
if (password) await setPassword();
console.log(`valkey ready on port ${port}`);

for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => server.stop().finally(() => process.exit(0)));
