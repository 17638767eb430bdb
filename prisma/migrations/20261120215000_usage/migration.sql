-- The usage log and its rollups: written by lib/domain/usage with plain SQL, unknown to Prisma.
CREATE SCHEMA usage;

-- One row a finished request. The key is the deduplication: an event that was taken is not taken again.
CREATE TABLE usage.event (
  event_day date NOT NULL,
  request_id uuid NOT NULL,
  at timestamptz(3) NOT NULL,
  ingested_at timestamptz(3) NOT NULL DEFAULT now(),
  project_id uuid NOT NULL,
  environment text NOT NULL,
  endpoint_id uuid NOT NULL,
  key_id uuid,
  team text,
  source text NOT NULL,
  api text NOT NULL,
  streamed boolean NOT NULL,
  subject_hash text,
  client_request_id text,
  gateway_id text NOT NULL,
  generation bigint NOT NULL,
  release_id uuid,
  variant_id uuid,
  served_release_id uuid,
  served_variant_id uuid,
  rollout_id uuid,
  experiment_id uuid,
  arm_name text,
  backend_id uuid,
  model_version_id uuid,
  prompt_version_id uuid,
  outcome text NOT NULL,
  status integer NOT NULL,
  error_code text,
  cache text NOT NULL,
  attempts integer NOT NULL,
  queue_ms double precision NOT NULL,
  ttft_ms double precision,
  tpot_ms double precision,
  total_ms double precision NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cached_tokens bigint NOT NULL,
  tokens_estimated boolean NOT NULL,
  price_id uuid,
  cost_usd numeric(38, 18),
  prompt_chars bigint NOT NULL,
  answer_chars bigint NOT NULL,
  CONSTRAINT event_pkey PRIMARY KEY (event_day, request_id),
  CONSTRAINT event_outcome_known CHECK (outcome IN ('complete', 'failed', 'cut', 'blocked', 'client_gone', 'refused'))
) PARTITION BY RANGE (event_day);

CREATE INDEX event_at ON usage.event USING brin (at) WITH (pages_per_range = 32);
CREATE INDEX event_project_at ON usage.event (project_id, at DESC, request_id DESC);
CREATE INDEX event_endpoint_release_at ON usage.event (endpoint_id, release_id, at);

-- Whatever day an event names, it is taken: clocks are wrong sometimes.
CREATE TABLE usage.event_other PARTITION OF usage.event DEFAULT;

-- Minute, hour and day sums with mergeable sketches. The zero uuid stands for "none".
CREATE TABLE usage.rollup (
  level text NOT NULL CHECK (level IN ('minute', 'hour', 'day')),
  bucket timestamptz(0) NOT NULL,
  project_id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  release_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  outcome text NOT NULL,
  requests bigint NOT NULL,
  cache_hits bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cached_tokens bigint NOT NULL,
  estimated bigint NOT NULL,
  unpriced bigint NOT NULL,
  cost_usd numeric(38, 18) NOT NULL,
  total_sketch bytea NOT NULL,
  ttft_sketch bytea NOT NULL,
  tpot_sketch bytea NOT NULL,
  queue_sketch bytea NOT NULL,
  PRIMARY KEY (level, bucket, endpoint_id, release_id, variant_id, outcome)
);
CREATE INDEX rollup_project ON usage.rollup (project_id, level, bucket);

-- Money by who spent it, without sketches.
CREATE TABLE usage.spend (
  level text NOT NULL CHECK (level IN ('hour', 'day')),
  bucket timestamptz(0) NOT NULL,
  project_id uuid NOT NULL,
  endpoint_id uuid NOT NULL,
  model_version_id uuid NOT NULL,
  key_id uuid NOT NULL,
  team text NOT NULL,
  requests bigint NOT NULL,
  unpriced bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost_usd numeric(38, 18) NOT NULL,
  PRIMARY KEY (level, bucket, endpoint_id, model_version_id, key_id, team)
);
CREATE INDEX spend_project ON usage.spend (project_id, level, bucket);

-- Highest sequence of each gateway without a gap below it, and what lies beyond a gap.
CREATE TABLE usage.gateway_progress (
  gateway_id text PRIMARY KEY,
  acked bigint NOT NULL DEFAULT 0,
  ahead int8multirange NOT NULL DEFAULT '{}'
);

-- What could not be read is kept, never dropped.
CREATE TABLE usage.dead_letter (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz(3) NOT NULL DEFAULT now(),
  gateway_id text NOT NULL,
  reason text NOT NULL,
  content text NOT NULL
);

-- The runtime role owns nothing, so partitions are made and dropped by functions of the owner.
CREATE FUNCTION usage.ensure_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, usage AS $$
DECLARE
  day date := first_day;
  name text;
  made integer := 0;
BEGIN
  IF last_day - first_day > 400 THEN RAISE EXCEPTION 'too many days at once'; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('usage.partitions', 0));
  WHILE day <= last_day LOOP
    name := 'event_' || to_char(day, 'YYYYMMDD');
    IF to_regclass('usage.' || name) IS NULL
       AND NOT EXISTS (SELECT 1 FROM usage.event_other WHERE event_day = day) THEN
      EXECUTE format('CREATE TABLE usage.%I PARTITION OF usage.event FOR VALUES FROM (%L) TO (%L)', name, day, day + 1);
      made := made + 1;
    END IF;
    day := day + 1;
  END LOOP;
  RETURN made;
END $$;

CREATE FUNCTION usage.drop_partitions(before_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, usage AS $$
DECLARE
  child record;
  dropped integer := 0;
BEGIN
  IF before_day > current_date - 1 THEN RAISE EXCEPTION 'only days that are over are dropped'; END IF;
  FOR child IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'usage.event'::regclass AND c.relname ~ '^event_\d{8}$' AND to_date(right(c.relname, 8), 'YYYYMMDD') < before_day
  LOOP
    EXECUTE format('DROP TABLE usage.%I', child.relname);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION usage.ensure_partitions(date, date), usage.drop_partitions(date) FROM PUBLIC;
SELECT usage.ensure_partitions(current_date - 1, current_date + 7);
