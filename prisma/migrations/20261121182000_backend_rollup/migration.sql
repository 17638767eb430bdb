-- What each backend answered, by the release that it answered for: minute and hour sums with mergeable sketches. `revision_id` is the
-- backend's revision that was asked last; the zero uuid as release stands for a call that named no endpoint.
CREATE TABLE usage.backend_rollup (
  level text NOT NULL CHECK (level IN ('minute', 'hour')),
  bucket timestamptz(0) NOT NULL,
  project_id uuid NOT NULL,
  revision_id uuid NOT NULL,
  release_id uuid NOT NULL,
  outcome text NOT NULL,
  requests bigint NOT NULL,
  retried bigint NOT NULL,
  unpriced bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost_usd numeric(38, 18) NOT NULL,
  total_sketch bytea NOT NULL,
  ttft_sketch bytea NOT NULL,
  PRIMARY KEY (level, bucket, revision_id, release_id, outcome)
);
CREATE INDEX backend_rollup_project ON usage.backend_rollup (project_id, level, bucket);
