import type { LookupAddress } from "node:dns";
import { createServer } from "node:net";
import type { buildConnector } from "undici";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "@/lib/core/errors";
import { AddressRefusedError, assertAddressAllowed, createGuardedConnector } from "./http-client";

/** What the name server says, one answer a question; the last one stays. */
const zone = vi.hoisted(() => new Map<string, string[][]>());
vi.mock("node:dns", async (original) => ({
  ...(await original<typeof import("node:dns")>()),
  lookup: (name: string, _options: unknown, callback: (error: Error | null, found: LookupAddress[]) => void) => {
    if (name === "silent.example") return;
    const answers = zone.get(name);
    const found = (answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0]) ?? [];
    const error = found.length === 0 ? Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" }) : null;
    queueMicrotask(() =>
      callback(
        error,
        found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      ),
    );
  },
}));

beforeEach(() => {
  zone.clear();
  const names: Record<string, string[][]> = {
    "public.example": [["8.8.8.8", "2606:4700:4700::1111"]],
    "localhost.": [["127.0.0.1"]],
    "127.0.0.1.nip.example": [["127.0.0.1"]],
    "six.example": [["::1"]],
    "mapped.example": [["::ffff:10.0.0.1"]],
    "mixed.example": [["8.8.8.8", "192.168.0.10"]],
    "metadata.google.internal": [["169.254.169.254"]],
    "rebind.example": [["8.8.8.8"], ["127.0.0.1"]],
  };
  for (const [name, answers] of Object.entries(names)) zone.set(name, answers);
});

const check = (address: string, hosts: string[] = []) =>
  assertAddressAllowed(address, hosts).then(
    () => "allowed",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

/** Ways to write an address that must not be called, by what makes them tricky. */
const REFUSED = {
  loopback: [
    "http://127.0.0.1/v1",
    "http://127.255.255.254",
    "http://127.1",
    "http://127.0.1",
    "http://2130706433",
    "http://0x7f000001",
    "http://0x7f.0.0.1",
    "http://0x7f.1",
    "http://0177.0.0.1",
    "http://017700000001",
    "http://127.0.0.1.",
    "http://0",
    "http://0.0.0.0:8000",
    "http://00.0x0.0.0",
    "HTTP://LOCALHOST:8000",
    "http://localhost.",
    "http://api.localhost",
    "http://api.localhost.",
  ],
  "private, shared and reserved IPv4": [
    "http://10.0.0.1",
    "http://0xa000001",
    "http://172.16.0.1",
    "http://172.31.255.255",
    "http://192.168.0.1",
    "http://0300.0250.0.1",
    "http://100.64.0.1",
    "http://100.127.255.255",
    "http://192.0.0.8",
    "http://192.0.2.1",
    "http://198.18.0.1",
    "http://198.19.255.255",
    "http://198.51.100.1",
    "http://203.0.113.1",
    "http://224.0.0.1",
    "http://240.0.0.1",
    "http://255.255.255.255",
  ],
  "metadata services": [
    "http://169.254.169.254/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fd00:ec2::254]/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://168.63.129.16/",
    "http://metadata.google.internal/",
  ],
  IPv6: [
    "http://[::]",
    "http://[::1]:8000",
    "http://[0:0:0:0:0:0:0:1]",
    "http://[::127.0.0.1]",
    "http://[::ffff:127.0.0.1]",
    "http://[::ffff:7f00:1]",
    "http://[0:0:0:0:0:ffff:10.0.0.1]",
    "http://[::ffff:0:127.0.0.1]",
    "http://[64:ff9b::127.0.0.1]",
    "http://[64:ff9b:1::1]",
    "http://[100::1]",
    "http://[2001:0:7f00:1::]",
    "http://[2001:db8::1]",
    "http://[2002:7f00:1::]",
    "http://[2002:a9fe:a9fe::1]",
    "http://[3fff::1]",
    "http://[4000::1]",
    "http://[fc00::1]",
    "http://[fdff::1]",
    "http://[fe80::1]",
    "http://[febf::1]",
    "http://[fec0::1]",
    "http://[ff02::1]",
  ],
  "other characters for the same host": [
    "http://１２７.０.０.１",
    "http://①②⑦.⓪.⓪.①",
    "http://127。0。0。1",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "http://local\u00adhost",
    "http://%31%32%37.0.0.1",
    "http://%6c%6f%63%61%6chost",
  ],
  "tricks of writing": [
    "http:127.0.0.1",
    "http:/127.0.0.1",
    "http:///127.0.0.1",
    "http:\\\\127.0.0.1",
    "http://127.0.0.1\\@public.example",
    "http://127.0.0.1#@public.example",
    "http://127.0.0.1?@public.example",
    "\thttp://127.0.0.1",
    "http://127.0.\n0.1",
    "http://public.example@127.0.0.1",
    "http://user:secret@public.example",
    "http://user@public.example",
    "http://:secret@public.example",
    "http://",
    "http://[::1",
    "http://127.0.0.1:99999",
    "//127.0.0.1",
    "127.0.0.1:8000",
    "",
  ],
  "other schemes": [
    "file:///etc/passwd",
    "ftp://public.example",
    "gopher://public.example:70/_",
    "ws://public.example",
    "redis://public.example:6379",
    "unix:/var/run/docker.sock",
    "data:text/plain,x",
    "javascript:alert(1)",
    "blob:http://public.example/1",
  ],
  "names that lead to private addresses or nowhere": [
    "http://127.0.0.1.nip.example",
    "http://six.example",
    "http://mapped.example",
    "http://mixed.example",
    "http://nowhere.example",
  ],
} as const;
const CORPUS = Object.entries(REFUSED).flatMap(([why, addresses]) => addresses.map((address) => [address, why] as const));

describe("the address of a backend", () => {
  it("has a corpus worth the name", () => {
    expect(new Set(CORPUS.map(([address]) => address)).size).toBe(CORPUS.length);
    expect(CORPUS.length).toBeGreaterThanOrEqual(100);
  });

  it.each(CORPUS)("%j is refused: %s", async (address) => {
    expect(await check(address)).toBe("address_not_allowed");
  });

  it.each([
    "https://public.example/v1",
    "http://public.example:8000",
    "http://8.8.8.8",
    "http://①.1.1.1",
    "http://134744072",
    "http://[2606:4700:4700::1111]",
    "http://[::ffff:8.8.8.8]",
    "http://11.0.0.1",
    "http://126.255.255.255",
    "http://128.0.0.1",
    "http://172.15.255.255",
    "http://172.32.0.1",
    "http://100.63.255.255",
    "http://100.128.0.1",
    "http://169.253.255.255",
    "http://192.167.255.255",
    "http://223.255.255.255",
  ])("%s is allowed", async (address) => {
    expect(await check(address)).toBe("allowed");
  });

  it("is refused when its name server never answers, after a bounded time", async () => {
    vi.useFakeTimers();
    const checked = check("http://silent.example/v1");
    await vi.advanceTimersByTimeAsync(3_000);
    vi.useRealTimers();
    expect(await checked).toBe("address_not_allowed");
  });

  it("may be private where the operator lists exactly this host and port, however it is written; never with credentials", async () => {
    const listed = ["127.0.0.1:8000", "[::1]:8000", "gpu.internal:443"];
    for (const address of ["http://127.0.0.1:8000/v1", "http://127.1:8000", "http://[0::1]:8000", "https://GPU.internal/v1"])
      expect(await check(address, listed)).toBe("allowed");
    for (const address of [
      "http://127.0.0.1:8001",
      "http://127.0.0.1",
      "http://127.0.0.2:8000",
      "http://gpu.internal",
      "http://a:b@127.0.0.1:8000",
      "ftp://127.0.0.1:8000",
    ])
      expect(await check(address, listed)).toBe("address_not_allowed");
  });
});

/** Connects as a call would, and says how it ended. */
function connect(url: URL, allowPrivate: boolean): Promise<Error | "connected"> {
  const connector = createGuardedConnector({ allowPrivate, connectTimeoutMs: 2_000 });
  const options: buildConnector.Options = {
    hostname: url.hostname,
    host: url.host,
    protocol: url.protocol,
    port: url.port || "80",
    servername: "",
  };
  return new Promise((resolve) =>
    connector(options, (error, socket) => {
      socket?.destroy();
      resolve(error ?? "connected");
    }),
  );
}

describe("the connection to a backend", () => {
  it("is refused when the name leads elsewhere than it did when it was saved", async () => {
    const url = new URL("http://rebind.example:8000");
    expect(await check(url.href)).toBe("allowed");
    expect(await connect(url, false)).toBeInstanceOf(AddressRefusedError);
  });

  it.each(["http://127.0.0.1:8000", "http://localhost.:8000", "http://[::ffff:127.0.0.1]:8000", "http://six.example:8000"])(
    "to %s is refused before a socket is opened",
    async (address) => {
      expect(await connect(new URL(address), false)).toBeInstanceOf(AddressRefusedError);
    },
  );

  it("goes to a private address that the operator allows", async () => {
    const server = createServer((socket) => socket.end());
    const port = await new Promise<number>((resolve) =>
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      }),
    );
    expect(await connect(new URL(`http://127.0.0.1:${port}`), true)).toBe("connected");
    expect(await connect(new URL(`http://127.0.0.1:${port}`), false)).toBeInstanceOf(AddressRefusedError);
    await new Promise((resolve) => server.close(resolve));
  });
});
