/** Other gateways that can be had on the machine, to be measured in the same run. None of them is a dependency of this project. */
import { execFileSync } from "node:child_process";
import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type BenchProcess, startProgram } from "./process";

/** The versions of its own dependencies that it was made with: with today's, every stream is a 500. */
const PORTKEY = {
  private: true,
  dependencies: { "@portkey-ai/gateway": "1.15.2" },
  overrides: { "@hono/node-server": "1.3.3", hono: "4.6.10" },
};

export interface Peer {
  readonly name: string;
  readonly port: number;
  readonly process: BenchProcess;
  /** Headers that tell it where to send a request. */
  readonly headers: Readonly<Record<string, string>>;
}

interface PeerOptions {
  /** A folder of this run. */
  readonly folder: string;
  readonly port: number;
  readonly upstreamPort: number;
}

/** Portkey's gateway, installed from the registry into a folder that stays; null where it cannot be had. */
export async function startPortkey({ port, upstreamPort }: PeerOptions): Promise<Peer | null> {
  const home = path.join(import.meta.dirname, "../../node_modules/.cache/switchyard-bench/portkey");
  const file = path.join(home, "node_modules/@portkey-ai/gateway/build/start-server.js");
  try {
    mkdirSync(home, { recursive: true });
    writeFileSync(path.join(home, "package.json"), JSON.stringify(PORTKEY));
    execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: home, stdio: "pipe" });
  } catch (error) {
    process.stderr.write(`Portkey's gateway cannot be installed and is left out: ${error instanceof Error ? error.message : error}\n`);
    return null;
  }
  const upstream = `http://127.0.0.1:${upstreamPort}/v1`;
  return {
    name: "portkey",
    port,
    process: await startProgram({
      file,
      args: [`--port=${port}`, "--headless"],
      env: { TRUSTED_CUSTOM_HOSTS: "localhost,127.0.0.1" },
      cpu: 0,
      port,
    }),
    headers: { "x-portkey-provider": "openai", "x-portkey-custom-host": upstream, authorization: "Bearer none" },
  };
}

function findNginx(): string | null {
  for (const folder of [...(process.env.PATH ?? "").split(path.delimiter), "/usr/sbin"]) {
    const file = path.join(folder, "nginx");
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  return null;
}

/** nginx as a plain reverse proxy that holds nothing back; null where the machine has none. */
export async function startNginx({ folder, port, upstreamPort }: PeerOptions): Promise<Peer | null> {
  const file = findNginx();
  if (file === null) {
    process.stderr.write("nginx is not installed and is left out\n");
    return null;
  }
  const home = path.join(folder, "nginx");
  mkdirSync(home, { recursive: true });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${home}/${name};`).join(" ");
  const configuration = `daemon off; master_process off; pid ${home}/nginx.pid; error_log ${home}/error.log;
events { worker_connections 8192; }
http {
  access_log off; ${temporary} keepalive_requests 100000000;
  upstream up { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 100000000; }
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } }
}
`;
  const settings = path.join(home, "nginx.conf");
  writeFileSync(settings, configuration);
  const program = await startProgram({ file, args: ["-c", settings, "-p", home], cpu: 0, port, native: true });
  return { name: "nginx", port, process: program, headers: {} };
}
