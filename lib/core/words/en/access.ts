/** Words of the access pages. */
export const access = {
  title: "Settings",
  members: "Members",
  tokens: "API tokens",
  gatewayKeys: "Gateway keys",
  signInTitle: "Sign in to Switchyard",
  email: "E-mail",
  password: "Password",
  signInRefused: "Not signed in: e-mail and password do not belong together.",
  secretOnce: "This is shown once. Copy it now.",
};
