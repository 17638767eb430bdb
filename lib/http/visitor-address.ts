import { randomUUID } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/**
 * Where a visitor comes from, for counting failed sign-ins. A route of Next sees headers only, and a visitor writes those: so every request
 * of this process gets the socket's own address under a header whose name nobody outside can know.
 */
const store = globalThis as typeof globalThis & { switchyardPeerHeader?: string };

/** Begins to note the address of each request's socket; once a process, however often it is called. */
export function noteVisitorAddresses(): void {
  if (store.switchyardPeerHeader !== undefined) return;
  const name = `x-peer-${randomUUID()}`;
  store.switchyardPeerHeader = name;
  subscribe("http.server.request.start", (message) => {
    const { request } = message as { request: IncomingMessage };
    request.headers[name] = request.socket.remoteAddress ?? "";
  });
}

function toGroups(ipv6: string): string[] {
  const [head = "", tail] = ipv6.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  return tail === undefined ? left : [...left, ...Array.from({ length: 8 - left.length - right.length }, () => "0"), ...right];
}

/** What counts as one visitor: an IPv4 address, or the /64 that one IPv6 line is given. Text that is no address stays as it is, cut. */
export function toNetwork(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIP(address) !== 6) return address.slice(0, 64);
  const [plain = ""] = address.toLowerCase().split("%");
  return `${toGroups(plain)
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

/**
 * The visitor as the nearest trusted proxy saw it, with no proxy as the socket says. `direct` where neither is known: all such visitors
 * then count as one.
 */
export function visitorAddress(headers: Readonly<Record<string, unknown>> | undefined, trustedProxies: number): string {
  const name = trustedProxies > 0 ? "x-forwarded-for" : store.switchyardPeerHeader;
  const value = name === undefined ? undefined : headers?.[name];
  if (typeof value !== "string") return "direct";
  const address = trustedProxies > 0 ? value.split(",").at(-trustedProxies)?.trim() : value;
  return address === undefined || address === "" ? "direct" : toNetwork(address);
}
