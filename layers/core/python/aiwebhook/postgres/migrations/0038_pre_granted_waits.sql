-- Requests that a function holds at this moment. Unlogged: after a crash of the server nobody waits
-- any more.
CREATE UNLOGGED TABLE granted_waits (
    wait_id text PRIMARY KEY,
    function text NOT NULL,
    holder text NOT NULL,
    expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);
