/** The demo's people. Made only when the demo is on, and named on the sign-in page then. */
export const DEMO_PASSWORD = "switchyard demo";
export const DEMO_PEOPLE = [
  { email: "daniel@demo.switchyard.example", name: "Daniel Okafor", role: "admin" },
  { email: "sofia@demo.switchyard.example", name: "Sofia Lind", role: "approver" },
  { email: "minjun@demo.switchyard.example", name: "박민준", role: "engineer" },
  { email: "yuna@demo.switchyard.example", name: "최유나", role: "viewer" },
] as const;
