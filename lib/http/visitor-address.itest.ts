import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { noteVisitorAddresses, toNetwork, visitorAddress } from "./visitor-address";

describe("where a visitor comes from", () => {
  it("is what the socket says, whatever the visitor's headers claim", async () => {
    noteVisitorAddresses();
    const server = createServer((request, response) => response.end(visitorAddress(request.headers, 0)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const claims = { "x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9", "x-peer": "203.0.113.9" };
    const answer = await fetch(`http://127.0.0.1:${port}`, { headers: claims });
    expect(await answer.text()).toBe("127.0.0.1");
    server.close();
  });

  it.each([
    [1, "1.1.1.1, 2.2.2.2", "2.2.2.2"],
    [2, "6.6.6.6, 1.1.1.1 , 2.2.2.2", "1.1.1.1"],
    [2, "2.2.2.2", "direct"],
    [1, "", "direct"],
  ])("is behind %i proxies what the outermost of them saw in %j", (proxies, forwarded, expected) => {
    expect(visitorAddress({ "x-forwarded-for": forwarded }, proxies)).toBe(expected);
  });

  it("is nobody in particular where nothing is known", () => {
    expect(visitorAddress({}, 1)).toBe("direct");
    expect(visitorAddress(undefined, 0)).toBe("direct");
  });

  it.each([
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["2001:db8:0:12:aaaa:bbbb:cccc:dddd", "2001:db8:0:12::/64"],
    ["2001:DB8::1", "2001:db8:0:0::/64"],
    ["2001:db8:0:12::", "2001:db8:0:12::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["no address", "no address"],
  ])("%s counts as %s", (address, network) => {
    expect(toNetwork(address)).toBe(network);
  });
});
