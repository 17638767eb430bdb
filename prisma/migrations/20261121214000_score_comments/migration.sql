-- What was said beside a score. Not a column of the score: whether a snapshot saw a score is told by the transaction that wrote its row.
CREATE TABLE usage.score_comment (
  project_id uuid NOT NULL,
  request_id uuid NOT NULL,
  metric text NOT NULL,
  evaluator text NOT NULL,
  comment text NOT NULL CHECK (length(comment) <= 4000),
  CONSTRAINT score_comment_pkey PRIMARY KEY (project_id, request_id, metric, evaluator),
  CONSTRAINT score_comment_of_score FOREIGN KEY (project_id, request_id, metric, evaluator)
    REFERENCES usage.score (project_id, request_id, metric, evaluator) ON DELETE CASCADE
);
