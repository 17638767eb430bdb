-- Exact sums over the subjects of each arm within a segment, read from the raw log and scores by lib/domain/scores. At most 13 values a dimension:
-- the page reads these rows only. `*`: what is not among the largest; `-`: what has none.
CREATE TABLE usage.experiment_segment (
  experiment_id uuid NOT NULL,
  dimension text NOT NULL CHECK (dimension IN ('key', 'team', 'operation', 'streaming', 'weekday', 'subject')),
  value text NOT NULL,
  source text NOT NULL CHECK (source IN ('score', 'usage')),
  metric text NOT NULL,
  -- Of scores; empty for the usage log's own metrics.
  evaluator text NOT NULL,
  arm_name text NOT NULL CHECK (arm_name IN ('control', 'treatment', 'treatment_2', 'treatment_3', 'treatment_4')),
  -- Subjects with the metric in the segment, and their scores or the requests that were divided by.
  n bigint NOT NULL CHECK (n > 0),
  items bigint NOT NULL CHECK (items >= n),
  x numeric NOT NULL, y numeric NOT NULL, xx numeric NOT NULL, xy numeric NOT NULL, yy numeric NOT NULL,
  PRIMARY KEY (experiment_id, dimension, value, source, metric, evaluator, arm_name)
);

-- When an experiment's segments were read last, how long it took, and of which sums of its arms: the same sums need no other reading.
CREATE TABLE usage.experiment_segment_reading (
  experiment_id uuid PRIMARY KEY,
  read_at timestamptz(3) NOT NULL,
  took_ms double precision NOT NULL CHECK (took_ms >= 0),
  basis text NOT NULL
);
