-- What an endpoint's subjects did in the days before an experiment, read once after its start by lib/domain/scores: for CUPED.
CREATE TABLE usage.experiment_before (
  experiment_id uuid NOT NULL,
  source text NOT NULL CHECK (source IN ('score', 'usage')),
  metric text NOT NULL,
  -- Of scores; empty for the usage log's own metrics.
  evaluator text NOT NULL,
  subject text NOT NULL,
  -- The subject's mean over 1, or its part of a ratio.
  numerator numeric NOT NULL,
  denominator numeric NOT NULL CHECK (denominator > 0),
  PRIMARY KEY (experiment_id, source, metric, evaluator, subject)
);

-- That it was read, and which raw rows PostgreSQL showed then: it is read again from exactly those.
CREATE TABLE usage.experiment_before_reading (
  experiment_id uuid PRIMARY KEY,
  read_at timestamptz(3) NOT NULL,
  snapshot text NOT NULL
);
