import { describe, expect, it } from "vitest";
import { listenedPorts, ownUrl, parseOptions, readSettings } from "./settings";

const none: NodeJS.ProcessEnv = { NODE_ENV: "test" };
const read = (env: Record<string, string>, args: string[] = []) => {
  const problems: string[] = [];
  const settings = readSettings(parseOptions(args), { ...none, ...env }, problems);
  return { settings, problems };
};

describe("the settings of up", () => {
  it("nothing set: the ports of the documentation, and nothing to complain about", () => {
    const { settings, problems } = read({}, ["--no-demo"]);
    expect(problems).toEqual([]);
    expect(listenedPorts(settings).map(({ name, port }) => `${name} ${port}`)).toEqual([
      "WEB_PORT 3000",
      "GATEWAY_PORT 4000",
      "WORKER_PORT 4100",
      "POSTGRES_PORT 55432",
      "REDIS_PORT 56379",
    ]);
    expect(settings.webUrl).toBe("http://127.0.0.1:3000");
  });

  it("all that is wrong is said at once, each with its variable", () => {
    const { problems } = read({
      WEB_PORT: "0",
      WORKER_PORT: "x",
      WEB_URL: "nowhere",
      REDIS_URL: "localhost",
      DATABASE_OWNER_URL: "postgres://a@b/c",
    });
    expect(problems).toHaveLength(5);
    for (const name of ["WEB_PORT", "WORKER_PORT", "WEB_URL", "REDIS_URL", "DATABASE_OWNER_URL"])
      expect(problems.filter((problem) => problem.startsWith(name))).toHaveLength(1);
  });

  it("a port that no browser asks is refused by name, also the second simulated backend's", () => {
    expect(read({ WEB_PORT: "6000" }).problems).toEqual([
      "WEB_PORT is 6000, or reaches up to it, which browsers refuse for HTTP: choose another.",
    ]);
    expect(read({ SIM_PORT: "4189" }).problems.join()).toMatch(/^SIM_PORT is 4190/);
    expect(read({ REDIS_PORT: "6000", SIM_PORT: "4189" }, ["--no-demo"]).problems).toEqual([]);
  });

  it("--fresh never empties a server that is somebody else's", () => {
    expect(read({ DATABASE_URL: "postgresql://a:b@c/d" }, ["--fresh"]).problems.join()).toMatch(/--fresh/);
    expect(read({ REDIS_URL: "redis://c" }, ["--fresh"]).problems.join()).toMatch(/--fresh/);
    expect(read({}, ["--fresh"]).problems).toEqual([]);
  });

  it("a server that is given is not started: its port is not asked for", () => {
    const { settings } = read({ DATABASE_URL: "postgresql://a:b@c/d", REDIS_URL: "redis://c" }, ["--no-demo"]);
    expect(listenedPorts(settings).map(({ name }) => name)).toEqual(["WEB_PORT", "GATEWAY_PORT", "WORKER_PORT"]);
  });

  it("everything listens on this machine only, unless an address is given; the worker's metrics never by accident", () => {
    expect(read({}).settings.hosts).toEqual({ web: "127.0.0.1", gateway: "127.0.0.1", worker: "127.0.0.1" });
    const open = read({ SWITCHYARD_HOST: "0.0.0.0" }).settings;
    expect(open.hosts).toEqual({ web: "0.0.0.0", gateway: "0.0.0.0", worker: "127.0.0.1" });
    expect(ownUrl(open, "web")).toBe("http://127.0.0.1:3000");
    const own = read({ SWITCHYARD_HOST: "0.0.0.0", GATEWAY_HOST: "::1", WORKER_HOST: "10.0.0.7" }).settings;
    expect([ownUrl(own, "gateway"), ownUrl(own, "worker")]).toEqual(["http://[::1]:4000", "http://10.0.0.7:4100"]);
    expect(read({ GATEWAY_HOST: "example.com:80" }).problems.join()).toMatch(/^GATEWAY_HOST/);
  });

  it("an unknown option is an error, not ignored", () => {
    expect(() => parseOptions(["--frehs"])).toThrow(/--frehs/);
  });
});
