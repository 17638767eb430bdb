-- The transaction that wrote the value which was replaced: whether a kept look saw it is told by its snapshot, not by a clock. Null: replaced before this.
ALTER TABLE usage.score_history ADD COLUMN writer xid;
