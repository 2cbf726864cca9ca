-- What of a run's report was changed, cut or left out so that it could be kept; null: nothing.

ALTER TABLE task_results ADD COLUMN notes jsonb;
