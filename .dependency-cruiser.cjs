const TEST = "\\.(test|itest|bench)\\.tsx?$|^(test|e2e)/";
const BROWSER = "^(components|lib/client)/|\\.client\\.tsx$";
const DOOR = "^lib/domain/[^/]+/(index|api)\\.ts$";
const PURE = "^lib/(core|contracts)/|^lib/domain/[^/]+/(api\\.ts|rules/)|^gateway/routing/|^components/charts/prepare/";
const DRIVERS = "node_modules/(pg|pg-[^/]+|redis|@redis/[^/]+|ioredis|bullmq)/";
const no = (name, from, to) => ({ name, severity: "error", from: { pathNot: TEST, ...from }, to });
module.exports = {
  forbidden: [
    no("no-cycles", {}, { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } }),
    no("core-is-pure", { path: "^lib/core/" }, { path: "^lib/(?!core/)|^(app|components|workers|gateway)/" }),
    no("contracts-are-pure", { path: "^lib/contracts/" }, { path: "^lib/(?!(core|contracts)/)|^(app|components|workers|gateway)/" }),
    no("infra-knows-no-domain", { path: "^lib/infra/" }, { path: "^lib/(domain|http|client)/|^(app|components|workers|gateway)/" }),
    no("domain-knows-no-edge", { path: "^lib/domain/" }, { path: "^lib/(http|client)/|^(app|components|workers|gateway)/" }),
    no("rules-do-no-io", { path: "^lib/domain/[^/]+/(api\\.ts|rules/)" }, { path: "^lib/infra/", reachable: true }),
    no(
      "sql-lives-in-store-and-queries",
      { path: "^lib/domain/[^/]+/", pathNot: `/(store|queries)(/|\\.ts$)|${TEST}` },
      { path: "^lib/infra/db\\.ts$" },
    ),
    no("domains-meet-at-the-door", { path: "^lib/domain/([^/]+)/" }, { path: "^lib/domain/[^/]+/", pathNot: ["^lib/domain/$1/", DOOR] }),
    no("edges-use-the-door", { path: "^(app|components|workers|lib/http|lib/client)/" }, { path: "^lib/domain/[^/]+/", pathNot: DOOR }),
    no(
      "only-domain-and-infra-touch-db",
      { path: "^(app|components|workers|gateway|lib/http|lib/client)/" },
      { path: "^lib/infra/db\\.ts$|^generated/prisma/|node_modules/@?prisma" },
    ),
    no("browser-never-reaches-io", { path: BROWSER }, { path: "^lib/(infra|http)/", reachable: true }),
    no("gateway-stands-alone", { path: "^gateway/" }, { path: "^lib/(domain|http|client)/|^(app|components|workers)/" }),
    no("gateway-never-reaches-postgres", { path: "^gateway/" }, { path: "^lib/infra/(db|outbox)\\.ts$", reachable: true }),
    no(
      "gateway-steps-reach-no-queue",
      { path: "^gateway/(http|operations|pipeline|providers|routing)/" },
      { path: "^lib/infra/(redis|queues|env)\\.ts$", reachable: true },
    ),
    no("gateway-routing-is-pure", { path: "^gateway/routing/" }, { path: "^gateway/(?!routing/)|^lib/infra/" }),
    no("workers-stand-alone", { path: "^workers/" }, { path: "^lib/(http|client)/|^(app|components|gateway)/" }),
    no("components-know-no-page", { path: "^components/" }, { path: "^(app|workers|gateway)/" }),
    no("pure-rooms-know-no-machine", { path: PURE }, { dependencyTypes: ["core"] }),
    no("browser-knows-no-machine", { path: BROWSER }, { dependencyTypes: ["core"] }),
    no("drivers-stay-in-infra-and-workers", { path: "^(app|components|lib|gateway)/", pathNot: ["^lib/infra/", TEST] }, { path: DRIVERS }),
    no("product-knows-no-simulator", { path: "^(app|components|lib|workers|gateway)/" }, { path: "^(sim|bench|bin|scripts)/" }),
    no(
      "command-is-a-client",
      { path: "^bin/" },
      {
        path: "^(lib|app|components|workers|gateway|sim|scripts|generated)/",
        pathNot: "^lib/(core|contracts)/|^lib/domain/[^/]+/(api\\.ts|rules/)",
      },
    ),
    no("product-code-imports-no-test", {}, { path: TEST }),
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules|^generated/" },
    exclude: { path: "^(\\.next|dist)/" },
  },
};
