import { lookup as dnsLookup, type LookupAddress } from "node:dns";
import { BlockList, isIP, type LookupFunction, Socket } from "node:net";
import { buildConnector, errors } from "undici";
import { AppError } from "@/lib/core/errors";

/**
 * Calls to addresses that a user gave. An address is checked when it is saved (assertAddressAllowed) and again at every connection
 * (createGuardedConnector), on the address that was really resolved, so that a name cannot point elsewhere later. Nothing here follows
 * redirects. Private addresses are refused unless the operator lists `host:port` (SWITCHYARD_PRIVATE_HOSTS).
 */
export class AddressRefusedError extends Error {
  override readonly name = "AddressRefusedError";
  readonly code = "ADDRESS_REFUSED";
}

const PRIVATE_V4: readonly [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // A cloud's platform services answer on this public number inside its networks only.
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];
/** Only here are global unicast addresses given out: loopback, unique local, link-local, NAT64 and multicast lie outside. */
const GLOBAL_V6 = ["2000::", 3] as const;
/** Inside it: 2002::/16 (6to4) and 2001::/32 (Teredo) carry an IPv4 address that may be private; the others are for documents. */
const PRIVATE_V6: readonly [string, number][] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

// Lists of one family each: a BlockList matches ::ffff:a.b.c.d against its IPv4 rules and every IPv4 address against ::ffff:0:0/96.
const privateV4 = new BlockList();
for (const [net, bits] of PRIVATE_V4) privateV4.addSubnet(net, bits, "ipv4");
const privateV6 = new BlockList();
for (const [net, bits] of PRIVATE_V6) privateV6.addSubnet(net, bits, "ipv6");
const globalV6 = new BlockList();
globalV6.addSubnet(...GLOBAL_V6, "ipv6");
const mappedV4 = new BlockList();
mappedV4.addSubnet("::ffff:0:0", 96, "ipv6");

/** Whether an IP address (text, without brackets) is loopback, private, link-local, reserved or multicast; IPv4-mapped ones are judged by their IPv4 address. */
export function isPrivateAddress(ip: string): boolean {
  const family = isIP(ip);
  if (family === 4) return privateV4.check(ip, "ipv4");
  if (family !== 6) return true;
  if (mappedV4.check(ip, "ipv6")) return privateV4.check(ip, "ipv6");
  return !globalV6.check(ip, "ipv6") || privateV6.check(ip, "ipv6");
}

/** Without brackets and without the dot of a fully qualified name. */
const bare = (hostname: string): string => (hostname.startsWith("[") ? hostname.slice(1, -1) : hostname).toLowerCase().replace(/\.$/, "");

/** `host:port` of a URL with the scheme's port where none is written, as the operator lists it. */
export function toHostPort(url: URL): string {
  return `${url.hostname.toLowerCase()}:${url.port || (url.protocol === "https:" ? "443" : "80")}`;
}

/** Whether the operator allows this private address. */
export function isListedHost(url: URL, privateHosts: readonly string[]): boolean {
  const wanted = toHostPort(url);
  return privateHosts.some((host) => host.toLowerCase() === wanted);
}

/** Why the text of a URL alone forbids calling it; null when only its resolved address can tell. */
function findTextualObjection(url: URL, allowPrivate: boolean): string | null {
  if (url.protocol !== "http:" && url.protocol !== "https:") return "only http and https are called";
  if (url.username !== "" || url.password !== "") return "a user name or password may not stand in the address";
  const host = bare(url.hostname);
  if (allowPrivate) return null;
  if (host === "localhost" || host.endsWith(".localhost")) return "the address is private";
  return isIP(host) !== 0 && isPrivateAddress(host) ? "the address is private" : null;
}

const HINT = "An operator allows a private address by adding host:port to SWITCHYARD_PRIVATE_HOSTS.";

const RESOLVE_TIMEOUT_MS = 3_000;

/** Every address of a name; none when it has none or the name server does not answer in time, which nothing can cancel. */
export function resolveName(hostname: string): Promise<LookupAddress[]> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve([]), RESOLVE_TIMEOUT_MS);
    dnsLookup(hostname, { all: true }, (error, addresses) => {
      clearTimeout(timer);
      resolve(error ? [] : addresses);
    });
  });
}

/**
 * Checks an address before it is stored: scheme, no credentials, and every address that its name resolves to. `mayBeUnresolved` lets a
 * name pass that does not resolve from here; the connection is guarded in any case.
 * @throws AppError address_not_allowed
 */
export async function assertAddressAllowed(
  address: string,
  privateHosts: readonly string[],
  { mayBeUnresolved = false }: { mayBeUnresolved?: boolean } = {},
): Promise<void> {
  const refuse = (why: string) => new AppError("address_not_allowed", `${why}. ${HINT}`);
  if (!URL.canParse(address)) throw refuse("The address is not a URL");
  const url = new URL(address);
  const allowPrivate = isListedHost(url, privateHosts);
  const objection = findTextualObjection(url, allowPrivate);
  if (objection !== null) throw refuse(`This address is refused: ${objection}`);
  if (allowPrivate || isIP(bare(url.hostname)) !== 0) return;
  const found = await resolveName(url.hostname);
  if (found.length === 0 && mayBeUnresolved) return;
  if (found.length === 0) throw refuse("The name of this address does not resolve");
  if (found.some((a) => isPrivateAddress(a.address))) throw refuse("This address is refused: its name resolves to a private address");
}

/** A lookup for net.connect that yields public addresses only; the socket then connects to exactly what was checked. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, found) => {
    const allowed = error ? [] : found.filter((a) => !isPrivateAddress(a.address));
    const [first] = allowed;
    if (error) callback(error, "", 0);
    else if (first === undefined) callback(new AddressRefusedError("the name resolves to a private address"), "", 0);
    else if (options.all) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

export interface GuardedConnectorOptions {
  /** The operator listed this host:port. */
  readonly allowPrivate: boolean;
  /** Name resolution, TCP and TLS together. */
  readonly connectTimeoutMs: number;
}

/** An undici connector that refuses private addresses at connect time and gives up after `connectTimeoutMs` with a ConnectTimeoutError. */
export function createGuardedConnector({ allowPrivate, connectTimeoutMs }: GuardedConnectorOptions): buildConnector.connector {
  const lookup = allowPrivate ? undefined : publicLookup;
  // undici's own connect timer ticks every half second: too coarse for a limit of seconds.
  const connect = buildConnector({ timeout: 0, allowH2: false, lookup, keepAlive: true, keepAliveInitialDelay: 60_000 });
  return (options, callback) => {
    const host = bare(options.hostname);
    if (!allowPrivate && (host === "localhost" || (isIP(host) !== 0 && isPrivateAddress(host)))) {
      callback(new AddressRefusedError("the address is private"), null);
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    const done: buildConnector.Callback = (...result) => {
      clearTimeout(timer);
      callback(...result);
    };
    const socket: unknown = connect(options, done);
    timer = setTimeout(() => {
      if (socket instanceof Socket) socket.destroy(new errors.ConnectTimeoutError(`no connection within ${connectTimeoutMs} ms`));
    }, connectTimeoutMs);
  };
}
