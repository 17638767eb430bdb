-- What came of an experiment on each UTC day: subjects and requests by arm, scores by the day of their request. Written by lib/domain/scores, by difference,
-- where the subjects' rows are: a day on which nothing came, or no scores, is seen without going through subjects.
CREATE TABLE usage.experiment_day (
  experiment_id uuid NOT NULL,
  arm_name text NOT NULL,
  day date NOT NULL,
  subjects bigint NOT NULL CHECK (subjects >= 0),
  requests bigint NOT NULL CHECK (requests >= subjects),
  PRIMARY KEY (experiment_id, arm_name, day)
) WITH (fillfactor = 70);

CREATE TABLE usage.score_day (
  experiment_id uuid NOT NULL,
  metric text NOT NULL,
  evaluator text NOT NULL,
  arm_name text NOT NULL,
  day date NOT NULL,
  scores bigint NOT NULL CHECK (scores >= 0),
  PRIMARY KEY (experiment_id, metric, evaluator, arm_name, day)
) WITH (fillfactor = 70);

INSERT INTO usage.experiment_day (experiment_id, arm_name, day, subjects, requests)
SELECT experiment_id, arm_name, day, count(*), sum(requests) FROM usage.experiment_subject GROUP BY 1, 2, 3;

INSERT INTO usage.score_day (experiment_id, metric, evaluator, arm_name, day, scores)
SELECT experiment_id, metric, evaluator, arm_name, event_day, count(*) FROM usage.score WHERE state = 'joined' AND experiment_id IS NOT NULL GROUP BY 1, 2, 3, 4, 5;
