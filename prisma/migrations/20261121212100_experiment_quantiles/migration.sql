-- Which times of requests an experiment's plan wants a quantile of: written at its start, read by the ingest.
CREATE TABLE usage.experiment_quantile (
  experiment_id uuid NOT NULL,
  metric text NOT NULL CHECK (metric IN ('latency_ms', 'ttft_ms', 'tpot_ms')),
  PRIMARY KEY (experiment_id, metric)
);

-- Counts of requests by logarithmic buckets of their time, in 256 groups of subjects: written by lib/domain/scores in the ingest's transaction.
CREATE TABLE usage.experiment_histogram (
  experiment_id uuid NOT NULL,
  metric text NOT NULL,
  arm_name text NOT NULL,
  subject_group smallint NOT NULL CHECK (subject_group BETWEEN 0 AND 255),
  -- Those of lib/core/stats/sketch.ts.
  bucket integer NOT NULL,
  requests bigint NOT NULL,
  PRIMARY KEY (experiment_id, metric, arm_name, subject_group, bucket)
) WITH (fillfactor = 70);
