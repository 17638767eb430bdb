import {
  Activity,
  Archive,
  BadgeCheck,
  Ban,
  Check,
  CheckCheck,
  CircleHelp,
  Clock,
  Equal,
  FileX,
  FlaskConical,
  GitBranch,
  Hourglass,
  Info,
  LoaderCircle,
  type LucideIcon,
  OctagonAlert,
  OctagonX,
  Pause,
  PencilLine,
  Scale,
  Square,
  TriangleAlert,
  Undo2,
  UserCheck,
  Waves,
  WifiOff,
  X,
} from "lucide-react";
import type { Words } from "@/lib/core/words";

export type StateName = keyof Words["states"];
export type StateRole = "idle" | "active" | "hold" | "good" | "bad";
export type Look = { role: StateRole; icon: LucideIcon; solid?: boolean };

const idle = (icon: LucideIcon): Look => ({ role: "idle", icon });
const active = (icon: LucideIcon): Look => ({ role: "active", icon });
const hold = (icon: LucideIcon): Look => ({ role: "hold", icon });
const good = (icon: LucideIcon): Look => ({ role: "good", icon });
const bad = (icon: LucideIcon): Look => ({ role: "bad", icon });

/** Every state of the product, its colour role and its icon. A state without a look does not compile. */
export const stateLook: Record<StateName, Look> = {
  draft: idle(PencilLine),
  candidate: active(FlaskConical),
  approved: good(BadgeCheck),
  retired: idle(Archive),
  scheduled: idle(Clock),
  queued: idle(Clock),
  waiting: hold(UserCheck),
  waiting_for_you: hold(UserCheck),
  rolling_out: active(GitBranch),
  judging: active(Scale),
  paused: hold(Pause),
  holding: hold(Hourglass),
  promoted: good(CheckCheck),
  aborted: idle(Ban),
  rolling_back: bad(Undo2),
  rolled_back: bad(Undo2),
  superseded: idle(Archive),
  pass: good(Check),
  fail: bad(OctagonX),
  inconclusive: hold(Hourglass),
  no_data: hold(TriangleAlert),
  past_limit: bad(OctagonX),
  under_limit: good(Check),
  running: active(LoaderCircle),
  stopped: idle(Square),
  concluded: idle(CheckCheck),
  done: good(Check),
  failed: bad(X),
  deploy_treatment: good(Check),
  keep_control: idle(Equal),
  no_meaningful_difference: idle(Equal),
  keep_running: hold(Hourglass),
  cannot_tell: hold(CircleHelp),
  better: good(Check),
  worse: bad(OctagonX),
  holds: good(Check),
  steady: good(Check),
  stable: good(Check),
  watch: hold(TriangleAlert),
  drift: bad(Waves),
  rejected: bad(X),
  expired: idle(Clock),
  voided: hold(Ban),
  revoked: idle(Ban),
  active: good(Check),
  live: good(Activity),
  idle: idle(Clock),
  healthy: good(Check),
  degraded: hold(TriangleAlert),
  away: bad(WifiOff),
  unknown: hold(CircleHelp),
  stale: hold(TriangleAlert),
  verified: good(BadgeCheck),
  mismatch: bad(OctagonX),
  absent: bad(FileX),
  not_verified: hold(CircleHelp),
  blocked: bad(Ban),
  complete: good(Check),
  cut: bad(X),
  client_gone: idle(WifiOff),
  refused: hold(Ban),
  info: idle(Info),
  warning: hold(TriangleAlert),
  high: bad(OctagonX),
  critical: { role: "bad", icon: OctagonAlert, solid: true },
};

export const badgeTone: Record<StateRole, string> = {
  idle: "border-idle-line bg-idle-bg text-idle-ink",
  active: "border-active-line bg-active-bg text-active-ink",
  hold: "border-hold-line bg-hold-bg text-hold-ink",
  good: "border-good-line bg-good-bg text-good-ink",
  bad: "border-bad-line bg-bad-bg text-bad-ink",
};

export const textTone: Record<StateRole, string> = {
  idle: "text-ink-3",
  active: "text-active-ink",
  hold: "text-hold-ink",
  good: "text-good-ink",
  bad: "text-bad-ink",
};

export const dotTone: Record<StateRole, string> = {
  idle: "text-idle-solid",
  active: "text-active-solid",
  hold: "text-hold-solid",
  good: "text-good-solid",
  bad: "text-bad-solid",
};
