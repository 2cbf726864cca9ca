-- Containers of runs whose lease the server ended itself, their session's delete among the reasons:
-- a run that still works stops by itself, one that hangs is stopped by the reaper (usecases/stop_runs.py).

CREATE TABLE runs_to_stop (
    attempt_id  text PRIMARY KEY,
    runtime_ref text NOT NULL,
    noted_at    timestamptz NOT NULL DEFAULT now()
);
