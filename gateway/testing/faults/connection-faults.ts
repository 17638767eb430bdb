import { spawn } from "node:child_process";
import dns from "node:dns";
import { connect, createServer, type Socket } from "node:net";
import tls from "node:tls";
import { goodScript, httpAnswer, type Script, startScriptedUpstream } from "../scripted-upstream";
import { createAuthority, type TestCertificate } from "./certificates";
import { both, complete, type Fault, failed, type Place } from "./fault";

function findClosedPort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    }),
  );
}

const nothing = async () => {};
const nowhere = async (): Promise<string> => `http://127.0.0.1:${await findClosedPort()}`;

async function placeRefusing(): Promise<Place> {
  return { urls: [await nowhere()], close: nothing };
}

async function placeRefusingBesideGood(): Promise<Place> {
  const good = await startScriptedUpstream(goodScript);
  return { urls: [await nowhere(), good.url], close: () => good.close() };
}

/** Names that no name server is asked for: this is how it would answer. */
async function placeNamed(answer: (callback: (error: Error | null, addresses: never[]) => void) => void): Promise<Place> {
  const { lookup } = dns;
  const fake = (name: string, options: unknown, callback: (error: Error | null, addresses: never[]) => void): void => {
    if (name.endsWith(".fault.invalid")) answer(callback);
    else Reflect.apply(lookup, dns, [name, options, callback]);
  };
  Reflect.set(dns, "lookup", fake);
  return {
    urls: ["http://backend.fault.invalid:8000"],
    close: async () => {
      Reflect.set(dns, "lookup", lookup);
    },
  };
}
const dnsError = (code: string) => Object.assign(new Error(`getaddrinfo ${code}`), { code });

const LISTENER = `const s=require("node:net").createServer();s.listen({port:0,host:"127.0.0.1",backlog:1},()=>{process.stdout.write(s.address().port+"\\n")})`;

/** A server whose process stands still and whose backlog is full: the kernel lets further connections wait for ever. */
async function placeBlackhole(): Promise<Place> {
  const child = spawn(process.execPath, ["-e", LISTENER], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve) => child.stdout.once("data", (bytes: Buffer) => resolve(Number(bytes.toString()))));
  child.kill("SIGSTOP");
  const fillers: Socket[] = [];
  for (let waits = 0; waits < 2 && fillers.length < 64; ) {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    fillers.push(socket);
    const isTaken = await Promise.race([
      new Promise<boolean>((resolve) => socket.once("connect", () => resolve(true))),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 300)),
    ]);
    if (!isTaken) waits++;
  }
  return {
    urls: [`http://127.0.0.1:${port}`],
    close: async () => {
      for (const socket of fillers) socket.destroy();
      child.kill("SIGKILL");
    },
  };
}

const authority = createAuthority();
/** A backend over TLS, where this process trusts the test's authority beside its own list. */
async function placeTls(certificate: TestCertificate): Promise<Place> {
  const upstream = await startScriptedUpstream(goodScript, { certificate });
  const { createSecureContext } = tls;
  const trusting = (options?: tls.SecureContextOptions) =>
    createSecureContext(options?.cert === undefined ? { ...options, ca: [...tls.rootCertificates, authority.cert] } : options);
  Reflect.set(tls, "createSecureContext", trusting);
  return {
    urls: [upstream.url],
    close: async () => {
      Reflect.set(tls, "createSecureContext", createSecureContext);
      await upstream.close();
    },
  };
}

const resting = "upstream_resting" as const;
const oneByteAtATime: Script = async (wire) => {
  for (const byte of httpAnswer(200, "{}")) {
    if (wire.socket.destroyed) return;
    wire.write(byte);
    await wire.sleep(50);
  }
};

/** Rows 1 to 5, 26, 27 and 34: the connection and the head of the answer. */
export const CONNECTION_FAULTS: readonly Fault[] = [
  ...both({ row: 1, name: "refuses the connection", place: placeRefusing }, failed(502, "upstream_unavailable", resting)),
  ...both({ row: 1, name: "refuses the connection, another backend is there", place: placeRefusingBesideGood }, complete()),
  ...both(
    { row: 2, name: "name unknown", place: () => placeNamed((done) => setImmediate(done, dnsError("ENOTFOUND"), [])) },
    failed(502, "upstream_unavailable", resting),
  ),
  ...both(
    { row: 2, name: "name server fails", place: () => placeNamed((done) => setImmediate(done, dnsError("EAI_AGAIN"), [])) },
    failed(502, "upstream_unavailable", resting),
  ),
  ...both(
    { row: 2, name: "name server never answers", place: () => placeNamed(() => {}), limits: { connectTimeoutMs: 200 } },
    failed(504, "upstream_timeout", resting),
  ),
  ...both(
    { row: 3, name: "SYN into a full backlog", place: placeBlackhole, limits: { connectTimeoutMs: 200 } },
    failed(504, "upstream_timeout", resting),
  ),
  ...both(
    { row: 4, name: "accepts, never answers", script: () => () => {}, limits: { firstByteTimeoutMs: 300 } },
    failed(504, "upstream_timeout", resting),
  ),
  ...both(
    { row: 5, name: "head one byte at a time", script: () => oneByteAtATime, limits: { firstByteTimeoutMs: 300 } },
    failed(504, "upstream_timeout", resting),
  ),
  ...both(
    {
      row: 26,
      name: "closes a kept connection as we send",
      warmUp: true,
      script: () => (wire) => (wire.request.onConnection === 2 ? wire.reset() : goodScript(wire)),
    },
    complete({ attempts: 2 }),
  ),
  ...both(
    { row: 27, name: "ends its side, keeps ours open", allowHalfOpen: true, script: () => (wire) => wire.end() },
    failed(502, "upstream_unavailable", resting),
  ),
  ...both({ row: 34, name: "TLS: in order (the control)", place: () => placeTls(authority.issue("localhost")) }, complete()),
  ...both(
    { row: 34, name: "TLS: expired", place: () => placeTls(authority.issue("localhost", { expired: true })) },
    failed(502, "upstream_unavailable", resting),
  ),
  ...both(
    { row: 34, name: "TLS: another name", place: () => placeTls(authority.issue("elsewhere.example")) },
    failed(502, "upstream_unavailable", resting),
  ),
  ...both(
    { row: 34, name: "TLS: self-signed", place: () => placeTls(authority.selfSigned("localhost")) },
    failed(502, "upstream_unavailable", resting),
  ),
];
