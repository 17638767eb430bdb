-- The environment of the gateway key that said a score: its request has to be of the same one. Null: said with a right to the whole project.
ALTER TABLE usage.score ADD COLUMN environment text;
