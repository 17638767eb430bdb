import { describe, expect, it } from "vitest";
import { isWithin, parseArtifactUri } from "./artifacts";

describe("an artifact's address", () => {
  const places: [string, unknown][] = [
    ["s3://models/a/b c?#%20.bin", { kind: "s3", bucket: "models", key: "a/b c?#%20.bin" }],
    ["file:///models/a%20b.bin", { kind: "file", path: "/models/a b.bin" }],
    ["file://localhost/models/a.bin", { kind: "file", path: "/models/a.bin" }],
    // Dots that a URL resolves by itself are gone before anybody compares folders.
    ["file:///models/../etc/passwd", { kind: "file", path: "/etc/passwd" }],
    ["FILE:///models/%2e%2e/etc/passwd", { kind: "file", path: "/etc/passwd" }],
  ];
  it.each(places)("%s is read", (uri, place) => {
    expect(parseArtifactUri(uri)).toEqual({ place });
  });

  it("keeps an http address as a URL", () => {
    expect(parseArtifactUri("https://models.example.com/a?b=1")).toEqual({
      place: { kind: "http", url: new URL("https://models.example.com/a?b=1") },
    });
  });

  it.each([
    ["weights.bin", /must begin with/],
    ["javascript:alert(1)", /must begin with/],
    ["gs://models/a", /gs:\/\//],
    ["ftp://models/a", /ftp:\/\//],
    ["file://server/a", /no host/],
    ["file:///a?b", /%3F/],
    ["file:///a%2F..%2Fb", /\.\./],
    ["file:///a%00b", /NUL/],
    ["file:///a%zz", /percent/],
    ["s3://UPPER/a", /bucket/],
    ["s3://models", /object/],
    ["s3://models/", /object/],
    ["s3:///a", /bucket/],
    ["http://", /cannot be read/],
  ])("%s is refused with a reason", (uri, reason) => {
    expect(parseArtifactUri(uri)).toEqual({ mistake: expect.stringMatching(reason) });
  });

  it("lies in a folder only below it", () => {
    expect(isWithin("/models/a", ["/models"])).toBe(true);
    expect(isWithin("/models/a", ["/data", "/models/"])).toBe(true);
    expect(isWithin("/", ["/"])).toBe(true);
    for (const path of ["/models", "/models-too/a", "/model", "/", "models/a"]) expect(isWithin(path, ["/models"])).toBe(false);
    expect(isWithin("/models/a", [])).toBe(false);
  });
});
