import { describe, expect, it } from "vitest";
import { AppError } from "@/lib/core/errors";
import { assertAddressAllowed, isPrivateAddress } from "./http-client";

describe("private addresses", () => {
  it.each([
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "not an address",
  ])("%s is one", (ip) => {
    expect(isPrivateAddress(ip)).toBe(true);
  });

  it.each(["1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])(
    "%s is none",
    (ip) => {
      expect(isPrivateAddress(ip)).toBe(false);
    },
  );
});

describe("an address that a user gave", () => {
  const check = (address: string, hosts: string[] = []) =>
    assertAddressAllowed(address, hosts).then(
      () => "allowed",
      (error: unknown) => (error instanceof AppError ? error.code : String(error)),
    );

  it.each([
    "http://127.0.0.1:8000/v1",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://[::1]:8000/",
    "http://[::ffff:127.0.0.1]/",
    "http://localhost:8000/",
    "http://api.localhost/",
    "http://169.254.169.254/latest/meta-data/",
    "http://user:pass@1.1.1.1/",
    "ftp://1.1.1.1/",
    "file:///etc/passwd",
    "gopher://1.1.1.1/",
    "not a url",
    "http://no-such-name.invalid/",
  ])("%s is refused", async (address) => {
    expect(await check(address)).toBe("address_not_allowed");
  });

  it("is allowed when public, or when the operator lists exactly this host and port", async () => {
    expect(await check("https://1.1.1.1/v1")).toBe("allowed");
    expect(await check("http://127.0.0.1:8000/v1", ["127.0.0.1:8000"])).toBe("allowed");
    expect(await check("http://127.0.0.1:6379/", ["127.0.0.1:8000"])).toBe("address_not_allowed");
    expect(await check("http://localhost/", ["localhost:80"])).toBe("allowed");
  });
});
