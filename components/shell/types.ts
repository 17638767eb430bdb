import type { NavId } from "./nav-map";

/** A page that exists. Label, icon, group and key come from its id. */
export type NavItem = {
  id: NavId;
  href: string;
  count?: number;
  /** The count waits for this person: filled badge. */
  hot?: boolean;
  /** The page is the same in every environment, so its link carries none. */
  projectWide?: boolean;
};

/** An entry of the palette besides the main pages. What acts opens its confirm dialog by URL and never acts at once. */
export type PaletteItem = {
  id: string;
  group: "act" | "goTo" | "docs";
  label: string;
  href: string;
  keywords?: readonly string[];
  keys?: string;
};

export type ShellUser = { name: string; email?: string; role?: string };

export type ShellData = {
  /** The installation's name. */
  organisation: string;
  project: { slug: string; name: string };
  /** All projects that the user may open, this one included. */
  projects: readonly { slug: string; name: string }[];
  /** Names of the project's environments, at most a handful. */
  environments: readonly string[];
  /** The environment without `?env=`; `production` if not given. */
  defaultEnvironment?: string;
  /** Only pages that exist. */
  nav: readonly NavItem[];
  user: ShellUser;
  palette?: readonly PaletteItem[];
};
