-- Requests at a time that a backend is given, and where its metrics are read; both are no part of a release. Null: no bound, the usual place.
ALTER TABLE "backend" ADD COLUMN "capacity" INTEGER,
ADD COLUMN "metrics_url" TEXT;
ALTER TABLE "backend" ADD CONSTRAINT "backend_capacity_above_nothing" CHECK ("capacity" > 0);

-- The last report of each gateway about its backends: one that was taken already is not taken twice.
CREATE TABLE usage.backend_reporter (
  gateway_id text PRIMARY KEY,
  boot_id text NOT NULL,
  said_at bigint NOT NULL,
  heard_at timestamptz NOT NULL
);

-- What each gateway knows of each backend revision now. A figure that is not known is null.
CREATE TABLE usage.backend_state (
  gateway_id text NOT NULL REFERENCES usage.backend_reporter ON DELETE CASCADE,
  revision_id text NOT NULL,
  health text NOT NULL CHECK (health IN ('healthy', 'unhealthy', 'unknown')),
  health_since timestamptz,
  reason text,
  probe_ms float8,
  breaker text NOT NULL CHECK (breaker IN ('closed', 'open', 'half_open')),
  in_flight integer NOT NULL,
  queued integer NOT NULL,
  waiting float8,
  running float8,
  kv_use_ratio float8 CHECK (kv_use_ratio BETWEEN 0 AND 1),
  response_ms float8,
  calls bigint NOT NULL,
  failures bigint NOT NULL,
  PRIMARY KEY (gateway_id, revision_id)
);
CREATE INDEX backend_state_revision ON usage.backend_state (revision_id);

-- The same over time, a row for each minute: sums and counts, so that means are over the reports that knew a figure.
CREATE TABLE usage.backend_minute (
  minute timestamptz NOT NULL,
  revision_id text NOT NULL,
  gateway_id text NOT NULL,
  reports integer NOT NULL,
  healthy integer NOT NULL,
  unhealthy integer NOT NULL,
  breaker_open integer NOT NULL,
  in_flight_max integer NOT NULL,
  queued_max integer NOT NULL,
  waiting_sum float8 NOT NULL,
  waiting_reports integer NOT NULL,
  running_sum float8 NOT NULL,
  running_reports integer NOT NULL,
  kv_use_sum float8 NOT NULL,
  kv_use_reports integer NOT NULL,
  response_ms_sum float8 NOT NULL,
  response_reports integer NOT NULL,
  calls bigint NOT NULL,
  failures bigint NOT NULL,
  PRIMARY KEY (minute, revision_id, gateway_id)
);
CREATE INDEX backend_minute_revision ON usage.backend_minute (revision_id, minute);
