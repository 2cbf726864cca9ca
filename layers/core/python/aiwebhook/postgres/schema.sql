-- The whole schema as it is after all migrations; tests prove that the migrations build exactly
-- this. Runs on PostgreSQL 15 to 18 with nothing but the core. Times are timestamptz, written by
-- the database's clock.

-- UUIDv7 with a prefix (RFC 9562 §5.7): sorts by creation time. PostgreSQL has uuidv7() only from
-- 18 on.
CREATE FUNCTION make_id(prefix text) RETURNS text LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT prefix || encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                    FROM 1 FOR 6),
            52, 1), 53, 1), 'hex')::uuid::text
$$;

-- Ids that no column holds (docs/adr/0025-ids-reckoned-from-numbers.md):
-- <prefix><UUIDv7>: milliseconds, then the number, below 2^62.
CREATE FUNCTION row_id(prefix text, written_at timestamptz, number bigint)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT prefix || (
        lpad(to_hex((extract(EPOCH FROM written_at) * 1000)::bigint), 12, '0')
        || '7000'
        || to_hex((1::bigint << 63) | number)
    )::uuid::text
$$;

-- The number in such an id; null: it is not one.
CREATE FUNCTION id_number(id text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN id ~ '^[a-z]+_[0-9a-f]{8}-[0-9a-f]{4}-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
            THEN ('x' || right(replace(id, '-', ''), 16))::bit(64)::bigint & 4611686018427387903
    END
$$;

-- Rows of before migration 0035 have their ids stored.
CREATE FUNCTION event_name(stored text, written_at timestamptz, event_no bigint)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(stored, row_id('evt_', written_at, event_no))
$$;

CREATE FUNCTION attempt_name(stored text, claimed_at timestamptz, lease_epoch bigint)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(stored, row_id('att_', claimed_at, lease_epoch))
$$;

CREATE TABLE projects (
    project_id text PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
    key_id text PRIMARY KEY,
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    name text NOT NULL,
    -- the first characters, shown so that people can tell keys apart
    prefix text NOT NULL,
    -- SHA-256 of the whole key; the key itself is shown once and never kept
    key_hash bytea NOT NULL UNIQUE,
    scopes text[] NOT NULL,
    cidrs cidr[] NOT NULL DEFAULT '{}',  -- empty: any address
    rate_per_minute integer NOT NULL,
    burst integer NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Token bucket per key, and per connection. Its own narrow table: every request rewrites the row,
-- and stays HOT.
CREATE TABLE rate_buckets (
    key_id text PRIMARY KEY,
    tokens double precision NOT NULL,
    refilled_at timestamptz NOT NULL DEFAULT now(),
    leased double precision NOT NULL DEFAULT 0  -- of them, what the last process took along
) WITH (fillfactor = 50);

-- Tokens that a process leased from a key's bucket; `granted` of them at once. Unlogged: after a
-- crash of the server they are gone, which gives nobody more than the limit.
CREATE UNLOGGED TABLE rate_leases (
    key_id text NOT NULL,
    process text NOT NULL,
    tokens double precision NOT NULL,
    used_at timestamptz NOT NULL DEFAULT now(),
    granted double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (key_id, process)
) WITH (fillfactor = 50);

-- Requests that a function holds at this moment. Unlogged: after a crash of the server nobody waits
-- any more.
CREATE UNLOGGED TABLE granted_waits (
    wait_id text PRIMARY KEY,
    function text NOT NULL,
    holder text NOT NULL,
    expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Who signs in on the consent page. One project each: a second project is a second person.
CREATE TABLE people (
    person_id text PRIMARY KEY,  -- principal of their readers
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    name text NOT NULL,
    -- the first part of the sign-in code, which finds the person; null: no code
    code_handle text,
    code_salt bytea,
    code_hash bytea,  -- scrypt of the rest
    code_set_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project_id, name)
);
CREATE INDEX people_handle ON people (code_handle) WHERE code_handle IS NOT NULL;

-- OAuth clients that registered themselves (RFC 7591). The others show a document of their own:
-- nothing is kept.
CREATE TABLE oauth_clients (
    client_id text PRIMARY KEY,
    name text NOT NULL,
    redirect_uris text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz  -- when a person last let it in; null: never
);

-- What a person allowed a program: one OAuth grant, and the family of its tokens.
CREATE TABLE connections (
    connection_id text PRIMARY KEY,
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    person_id text NOT NULL REFERENCES people ON DELETE CASCADE,
    client_id text NOT NULL,  -- of oauth_clients, or the URL of the client's document
    client_name text NOT NULL,
    client_host text NOT NULL,
    scopes text[] NOT NULL,
    resource text NOT NULL,  -- the one URL its tokens are good for (RFC 8707)
    redirect_uri text NOT NULL,
    code_challenge text NOT NULL,  -- PKCE, S256
    code_hash bytea NOT NULL UNIQUE,  -- SHA-256 of the authorization code
    code_expires_at timestamptz NOT NULL,
    code_used_at timestamptz,  -- null: consented to, but no token was fetched
    revoked_at timestamptz,
    revoked_reason text,  -- revoked, code_reused, refresh_reused
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX connections_recent ON connections (project_id, created_at DESC, connection_id DESC);
CREATE INDEX connections_person ON connections (person_id);
CREATE INDEX connections_client ON connections (client_id);

CREATE TABLE access_tokens (
    token_hash bytea PRIMARY KEY,  -- SHA-256
    connection_id text NOT NULL REFERENCES connections ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX access_tokens_connection ON access_tokens (connection_id);
CREATE INDEX access_tokens_age ON access_tokens (expires_at);

CREATE TABLE refresh_tokens (
    token_hash bytea PRIMARY KEY,  -- SHA-256
    connection_id text NOT NULL REFERENCES connections ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    -- the first time; kept until it expires, so that a later use is noticed
    used_at timestamptz,
    successors integer NOT NULL DEFAULT 0
);
CREATE INDEX refresh_tokens_connection ON refresh_tokens (connection_id);
CREATE INDEX refresh_tokens_age ON refresh_tokens (expires_at);

-- Token buckets of what may be done without a key: guesses at a sign-in code, registrations,
-- fetched documents.
CREATE TABLE door_limits (
    subject text PRIMARY KEY,  -- what, and of which person or address
    tokens double precision NOT NULL,
    refilled_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

CREATE TABLE sessions (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    session_id text NOT NULL,
    title text,
    participants text[] NOT NULL DEFAULT '{}',
    context text,
    metadata jsonb NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'completed')),
    -- SHA-256 of the create command: an identical create is no conflict
    fingerprint bytea,
    -- of the event log; taken under this row's lock, hence gap-free
    last_seq bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_activity_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    time_zone text,                    -- IANA name: what "ten o'clock" and "today" mean here
    PRIMARY KEY (project_id, session_id)
-- Each event rewrites its session's row. Room for many versions in its page: while a snapshot is
-- held, none goes, and each page they spread to is one more to read.
) WITH (fillfactor = 10);
CREATE INDEX sessions_recent ON sessions (project_id, created_at DESC, session_id DESC);

CREATE TABLE conversation_chunks (
    project_id text NOT NULL,
    session_id text NOT NULL,
    chunk_id text NOT NULL,
    seq bigint NOT NULL,          -- the event that appended it
    content text,                     -- null when it lies in the blob store
    content_sha256 bytea,                    -- name in the blob store, for content above 256 KB
    size integer NOT NULL,         -- bytes of UTF-8
    format text NOT NULL,
    start_time timestamptz,
    end_time timestamptz,
    participants text[] NOT NULL DEFAULT '{}',
    extracted_items jsonb NOT NULL DEFAULT '[]',
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    -- the offset start_time was said in; null: in UTC, or in none
    start_offset_s integer,
    PRIMARY KEY (project_id, session_id, chunk_id),
    FOREIGN KEY (project_id, session_id) REFERENCES sessions ON DELETE CASCADE,
    CHECK ((content IS NULL) <> (content_sha256 IS NULL))
);
CREATE INDEX conversation_chunks_order ON conversation_chunks (project_id, session_id, seq);

CREATE TABLE memories (
    project_id text NOT NULL,
    session_id text NOT NULL,
    key text NOT NULL,
    version integer NOT NULL,
    current boolean NOT NULL DEFAULT true,
    type text NOT NULL,
    content jsonb NOT NULL,                -- a string or an object
    tags text[] NOT NULL DEFAULT '{}',
    source jsonb,                         -- provenance: chunk, speaker, quote, supersedes, task
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, session_id, key, version),
    FOREIGN KEY (project_id, session_id) REFERENCES sessions ON DELETE CASCADE
);
CREATE UNIQUE INDEX memories_current ON memories (project_id, session_id, key) WHERE current;

CREATE TABLE agents (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    agent_name text NOT NULL,
    aliases text[] NOT NULL DEFAULT '{}',  -- other names it answers to; a real name goes first
    manifest jsonb NOT NULL,
    max_concurrent integer NOT NULL CHECK (max_concurrent > 0),
    status text NOT NULL DEFAULT 'available' CHECK (
        status IN ('available', 'busy', 'offline', 'error')
    ),
    status_since timestamptz NOT NULL DEFAULT now(),
    status_reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, agent_name)
);

CREATE TABLE workers (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    worker_id text NOT NULL,
    agents text[] NOT NULL,
    status text NOT NULL DEFAULT 'available' CHECK (
        status IN ('available', 'busy', 'offline', 'error')
    ),
    -- what it tells about itself: version, host, concurrency, room
    details jsonb NOT NULL DEFAULT '{}',
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, worker_id)
) WITH (fillfactor = 50);

-- True, and dear to the planner (25 pages read): a statement that seeks one row says `sought(…)` of
-- it, and a plan that would look at more rows than that one costs more than its index, whatever the
-- statistics know. A plan is kept: made while a table had ten rows, it would read ten thousand. Not
-- in SQL, which would be inlined.
CREATE FUNCTION sought(number bigint) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 AS $$
BEGIN
    RETURN true;
END
$$;

-- Age of a ready task; a requeue takes a new number.
CREATE SEQUENCE ready_seq;

-- Fencing tokens. One sequence for all tasks: clients choose ids, and may delete and create them
-- again.
CREATE SEQUENCE lease_epochs AS bigint;

-- Start-time fair queueing, one lane per agent and priority, and a mark that lets a claim pass over
-- the dead entries at the head of its lane (ADR 0001). Only claims write here.
CREATE TABLE queue_lanes (
    project_id text NOT NULL,
    agent_name text NOT NULL,
    priority smallint NOT NULL,
    virtual_time bigint NOT NULL DEFAULT 0,  -- the highest tag that was taken
    taken_seq bigint NOT NULL DEFAULT 0,     -- the highest ready_seq taken of that tag
    -- no ready task of the lane lies before this tag and ready_seq
    mark_tag bigint NOT NULL DEFAULT 0,
    mark_seq bigint NOT NULL DEFAULT 0,
    -- where the mark may go once every transaction before next_xid has ended
    next_tag bigint NOT NULL DEFAULT 0,
    next_seq bigint NOT NULL DEFAULT 0,
    next_xid xid8 NOT NULL DEFAULT '0',
    PRIMARY KEY (project_id, agent_name, priority),
    FOREIGN KEY (project_id, agent_name) REFERENCES agents ON DELETE CASCADE
) WITH (fillfactor = 10);

-- What a lane's virtual time is for a task that becomes ready: read in a new snapshot, once this
-- transaction has its number. So a claim that has seen all transactions before some number end
-- knows every task whose tag comes from an older virtual time.
CREATE FUNCTION lane_time(
    of_project text, of_agent text, of_priority smallint
) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_current_xact_id();
    RETURN coalesce((
        SELECT l.virtual_time
        FROM queue_lanes l
        WHERE l.project_id = of_project
            AND l.agent_name = of_agent
            AND l.priority = of_priority
    ), 0);
END
$$;

-- Which leases of an agent were alive when they were last counted: whoever counts again looks for
-- those, and for what was claimed since (parts/leases.sql). Counted anew in a new row, the old one
-- deleted: the newest comes first in the index however many dead ones follow. Unlogged: a count that
-- is lost is counted anew.
CREATE UNLOGGED TABLE lease_counts (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    agent_name text NOT NULL,
    counted_at bigint NOT NULL,  -- the newest lease epoch of all agents at that time
    counted integer NOT NULL,
    floor bigint NOT NULL,       -- leases alive then are in `living`, or above this
    living bigint[] NOT NULL,    -- lease epochs
    PRIMARY KEY (project_id, agent_name, counted_at)
) WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0
);

-- The queue row: narrow, rewritten at every step. What never changes lies in task_payloads.
CREATE TABLE tasks (
    project_id text NOT NULL,
    task_id text NOT NULL,
    session_id text NOT NULL,
    agent_name text NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN (
        'pending', 'claimed', 'running', 'input_required', 'completed', 'failed', 'cancelled'
    )),
    ready boolean NOT NULL,        -- pending, unblocked and due: may be claimed now
    priority smallint NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 9),
    fair_tag bigint NOT NULL,         -- start tag of fair queueing between sessions
    ready_seq bigint NOT NULL DEFAULT nextval('ready_seq'),
    attempts smallint NOT NULL DEFAULT 0,  -- charged attempts; a handed-back one is not charged
    max_attempts smallint NOT NULL,
    lease_epoch bigint NOT NULL DEFAULT 0,    -- the fencing token: a new one at each claim
    lease_until timestamptz,
    blockers smallint NOT NULL DEFAULT 0,  -- unfinished dependencies
    timeout_s integer NOT NULL,
    run_after timestamptz,             -- not_before, or the back-off of a retry
    deadline timestamptz,
    cancel_requested boolean NOT NULL DEFAULT false,
    -- set under this row's lock: the end of the task cannot miss it
    has_dependants boolean NOT NULL DEFAULT false,
    -- of its follow-ups; in this row, so that a completion's guard sees it
    last_message_no bigint,
    -- the newest that a run has read: it asked for what comes behind it
    read_message_no bigint,
    -- what indexes ask of the status: 0 waits, 1 has a lease, 2 has ended. `status` itself is in no
    -- index, so that the updates of a run are HOT.
    phase smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, task_id),
    FOREIGN KEY (project_id, session_id) REFERENCES sessions ON DELETE CASCADE,
    CHECK (NOT ready OR (status = 'pending' AND blockers = 0)),
    CHECK ((lease_until IS NOT NULL) = (status IN ('claimed', 'running')))
) WITH (
    fillfactor = 60, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_cost_delay = 0, vacuum_index_cleanup = on
);
CREATE INDEX tasks_ready ON tasks (
    project_id, agent_name, priority DESC, fair_tag, ready_seq
) WHERE ready;
CREATE INDEX tasks_flow ON tasks (
    project_id, agent_name, priority, session_id, fair_tag DESC
) WHERE ready;
CREATE INDEX tasks_leased ON tasks (project_id, agent_name, lease_epoch) WHERE phase = 1;
CREATE INDEX tasks_timed ON tasks (run_after) WHERE run_after IS NOT NULL;
CREATE INDEX tasks_limited ON tasks (deadline) WHERE deadline IS NOT NULL AND phase < 2;

CREATE TABLE task_payloads (
    project_id text NOT NULL,
    task_id text NOT NULL,
    session_id text NOT NULL,
    task_type text,
    description text,
    input jsonb NOT NULL DEFAULT '{}',
    depends_on text[] NOT NULL DEFAULT '{}',
    callback_url text,
    repository jsonb,                     -- {repo, ref, pr}; null: an empty folder
    max_cost_usd numeric,                   -- null: what the agent's manifest says
    not_before timestamptz,
    correlation_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    delegated_by text,                      -- the connection, over MCP; null: by other ways
    delegated_with text,  -- the key or the connection; null: from before this was kept
    -- how many chats before it were woken and delegated because of that, each by the one before
    wake_depth smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, task_id)
);
-- Without the id: who lists sorts what was created in the same microsecond.
CREATE INDEX task_payloads_of_session ON task_payloads (project_id, session_id, created_at);
CREATE INDEX task_payloads_created ON task_payloads (project_id, created_at);

CREATE TABLE task_results (
    project_id text NOT NULL,
    task_id text NOT NULL,
    lease_epoch bigint NOT NULL,
    output jsonb,
    say text,
    error jsonb,                        -- {error_class, message, remedy, retryable}
    usage jsonb,
    exit_code integer,
    -- what of the report was changed, cut or left out: [{pointer, message}]
    notes jsonb,
    finished_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, task_id)
);

CREATE TABLE task_attempts (
    project_id text NOT NULL,
    task_id text NOT NULL,
    lease_epoch bigint NOT NULL,
    attempt_id text,                      -- null: see attempt_name()
    agent_name text NOT NULL,
    status text NOT NULL CHECK (status IN (
        'launching', 'launched', 'running', 'completed', 'failed', 'lost', 'released', 'cancelled'
    )),
    -- what the task became by its end: completed, failed, cancelled, pending
    led_to text,
    worker_id text,
    runtime_ref text,                         -- ARN of the ECS task
    error jsonb,
    usage jsonb,
    exit_code integer,
    claimed_at timestamptz NOT NULL DEFAULT now(),
    launched_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    -- by its own count; what it tells again up to here is known already. Null: it did not count
    events_told bigint,
    PRIMARY KEY (project_id, task_id, lease_epoch)
) WITH (fillfactor = 60);
CREATE INDEX task_attempts_stored_id ON task_attempts (attempt_id) WHERE attempt_id IS NOT NULL;
-- How long runs take: the estimate in a task's explanation. No column of it changes in a run.
-- And where an attempt's own id is looked up.
CREATE INDEX task_attempts_claimed ON task_attempts (project_id, agent_name, lease_epoch);

-- What a task has goes with it. A foreign key would do the same, but lock the task's row once more
-- for each row that names it: whoever writes one has the task's row locked, or made it.
CREATE FUNCTION forget_task() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM task_payloads WHERE project_id = OLD.project_id AND task_id = OLD.task_id;
    DELETE FROM task_results WHERE project_id = OLD.project_id AND task_id = OLD.task_id;
    DELETE FROM task_attempts WHERE project_id = OLD.project_id AND task_id = OLD.task_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER tasks_forgotten AFTER DELETE ON tasks
FOR EACH ROW EXECUTE FUNCTION forget_task();

-- Token bucket of RunTask: 100 at once, 20 a second, per AWS account and region, hence one row for
-- all dispatchers. A launch that is lost in a crash is given again: no need to log it.
CREATE UNLOGGED TABLE launch_buckets (
    bucket text PRIMARY KEY,
    tokens double precision NOT NULL,
    refilled_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
INSERT INTO launch_buckets (bucket, tokens) VALUES ('fargate', 100);

CREATE TABLE task_dependencies (
    project_id text NOT NULL,
    task_id text NOT NULL,
    depends_on text NOT NULL,
    resolved boolean NOT NULL DEFAULT false,  -- counted off the dependant's blockers, once
    PRIMARY KEY (project_id, task_id, depends_on),
    FOREIGN KEY (project_id, task_id) REFERENCES tasks ON DELETE CASCADE,
    FOREIGN KEY (project_id, depends_on) REFERENCES tasks ON DELETE CASCADE
);
CREATE INDEX task_dependencies_open ON task_dependencies (
    project_id, depends_on
) WHERE NOT resolved;
CREATE INDEX task_dependencies_dependants ON task_dependencies (project_id, depends_on);

-- Follow-up messages to a task (reply_to_task), delivered to its run in order.
CREATE TABLE task_messages (
    project_id text NOT NULL,
    task_id text NOT NULL,
    message_no bigint GENERATED ALWAYS AS IDENTITY,
    message jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, task_id, message_no),
    FOREIGN KEY (project_id, task_id) REFERENCES tasks ON DELETE CASCADE
);

-- What a run leaves for the next attempt, should it be lost: the newest one counts. Gone with the
-- task's end.
CREATE TABLE task_checkpoints (
    project_id text NOT NULL,
    task_id text NOT NULL,
    lease_epoch bigint NOT NULL,           -- of the run that left it
    data jsonb NOT NULL,
    content_sha256 bytea,                     -- its archive in the blob store; null: it has none
    size bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, task_id),
    FOREIGN KEY (project_id, task_id) REFERENCES tasks ON DELETE CASCADE
);

CREATE TABLE artifacts (
    project_id text NOT NULL,
    artifact_id text NOT NULL,
    session_id text NOT NULL,
    task_id text,
    name text NOT NULL,
    type text NOT NULL,
    format text,
    content text,
    content_sha256 bytea,
    size bigint NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    content_type text,                      -- the media type of the bytes, as their maker gave it
    PRIMARY KEY (project_id, artifact_id),
    FOREIGN KEY (project_id, session_id) REFERENCES sessions ON DELETE CASCADE,
    CHECK ((content IS NULL) <> (content_sha256 IS NULL))
);
CREATE INDEX artifacts_session ON artifacts (
    project_id, session_id, created_at DESC, artifact_id DESC
);

-- Which database wrote this row, so that a restored one is noticed before its first write
-- (docs/adr/0016-feeds-survive-a-restore.md).
CREATE TABLE database_mark (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    system_identifier bigint,  -- of the cluster; null: not known yet
    timeline text,             -- eight hex digits; a recovery to a point in time begins a new one
    -- the transaction that wrote this row: a copy made by a dump or by logical replication has
    -- another xmin
    written_by xid8
);
INSERT INTO database_mark (system_identifier, timeline, written_by)
SELECT c.system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), pg_current_xact_id()
FROM pg_control_system() c;

-- Added to a transaction's id it is the place of the transaction's events in their project's log.
-- 0 until a restore raises it. A sequence, because a column's default may read one, and no row.
CREATE SEQUENCE feed_base MINVALUE 0;
SELECT setval('feed_base', 0);

-- What the `seq` of a new session begins above; 0 until a restore raises it.
CREATE SEQUENCE session_base MINVALUE 0;
SELECT setval('session_base', 0);

-- What a restore may have cut off: places behind `after_xid`, below `resumes_at`, were given out
-- by a database that is no more. Whoever stands there goes on at `resumes_at`.
CREATE TABLE feed_breaks (
    after_xid xid8 NOT NULL,
    resumes_at xid8 NOT NULL,
    noticed_at timestamptz NOT NULL DEFAULT now()
);

-- The event log. (project, session, seq) is gap-free until a restore, which leaves one gap. `xid`
-- lets a project-wide reader stay behind every transaction still in flight: identity numbers become
-- visible out of order, committed xids do not.
CREATE TABLE events (
    event_no bigint GENERATED ALWAYS AS IDENTITY,
    event_id text,                        -- null: see event_name()
    project_id text NOT NULL,
    session_id text,
    seq bigint,
    type text NOT NULL,
    task_id text,
    data jsonb NOT NULL DEFAULT '{}',
    correlation_id text,
    -- its transaction's id on top of feed_base: grows for ever, from restore to restore
    xid xid8 NOT NULL DEFAULT (
        pg_current_xact_id()::text::bigint + pg_sequence_last_value('feed_base')
    )::text::xid8,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- not read any more: see unacknowledged_news
    acknowledged boolean NOT NULL DEFAULT false,
    spent boolean NOT NULL DEFAULT false,
    PRIMARY KEY (project_id, xid, event_no),
    CHECK ((session_id IS NULL) = (seq IS NULL))
);
CREATE UNIQUE INDEX events_session ON events (
    project_id, session_id, seq
) WHERE session_id IS NOT NULL;
-- For callbacks, publications and news. The steps of a run, most of all events, are none of them.
CREATE UNIQUE INDEX events_number ON events (event_no)
WHERE type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress');
-- News is what `domain/event.py` calls TOLD.
CREATE INDEX events_news ON events (project_id, session_id, seq)
WHERE type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled');
CREATE INDEX events_stored_id ON events (event_id)
WHERE event_id IS NOT NULL
AND type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled');

-- News that no conversation of its principal has acknowledged, of all sessions: what is told
-- "elsewhere" is read here. A row of its own, because the event's would be written again with all of
-- its index entries. Each news has it from the trigger on `events`, whoever writes it.
CREATE TABLE unacknowledged_news (
    event_no bigint NOT NULL,
    spent boolean NOT NULL DEFAULT false,  -- told five times
    project_id text NOT NULL,
    session_id text NOT NULL,
    PRIMARY KEY (project_id, spent, event_no) INCLUDE (session_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE FUNCTION note_news() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO unacknowledged_news (event_no, project_id, session_id)
    VALUES (NEW.event_no, NEW.project_id, NEW.session_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER news_noted AFTER INSERT ON events
FOR EACH ROW WHEN (
    new.type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled')
    AND new.session_id IS NOT NULL
)
EXECUTE FUNCTION note_news();
CREATE FUNCTION forget_news() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM unacknowledged_news
    WHERE project_id = OLD.project_id
        AND spent IN (false, true)
        AND event_no = OLD.event_no;
    RETURN NULL;
END
$$;
CREATE TRIGGER news_forgotten AFTER DELETE ON events
FOR EACH ROW WHEN (
    old.type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled')
)
EXECUTE FUNCTION forget_news();

-- What a reader, one conversation, has passed on of a session's news ("updates" on replies). Only
-- an acknowledgement moves `acked_seq`. The principal is whose conversation it is: 'project' today.
-- The row with an empty `reader` is the principal itself: where new readers begin, and how often it
-- was told of the session in others ("elsewhere").
CREATE TABLE readers (
    project_id text NOT NULL,
    session_id text NOT NULL,
    principal text NOT NULL,
    reader text NOT NULL,                 -- chosen by the client; the session's id: none was named
    acked_seq bigint NOT NULL DEFAULT 0,     -- everything up to here is acknowledged
    acked_seqs bigint[] NOT NULL DEFAULT '{}',  -- and these behind it, one by one
    spent_seq bigint NOT NULL DEFAULT 0,     -- everything up to here was told five times
    told jsonb NOT NULL DEFAULT '{}',   -- seq → how often, of what was told fewer times
    PRIMARY KEY (project_id, session_id, principal, reader),
    FOREIGN KEY (project_id, session_id) REFERENCES sessions ON DELETE CASCADE
) WITH (fillfactor = 50);

-- The session that a connection (one OAuth grant, or all keys of a project) used last, through /mcp.
CREATE TABLE last_sessions (
    project_id text NOT NULL,
    connection text NOT NULL,
    session_id text NOT NULL,
    used_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, connection),
    FOREIGN KEY (project_id, session_id) REFERENCES sessions ON DELETE CASCADE
) WITH (fillfactor = 50);
-- For the cascade.
CREATE INDEX last_sessions_session ON last_sessions (project_id, session_id);

-- Conversations of POST /v1/say: one row each, which every sentence rewrites.
CREATE TABLE spoken_conversations (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    conversation text NOT NULL,         -- the client's id, or the key and its door
    reader text NOT NULL,               -- whose news it tells; another one after a silence
    turn bigint NOT NULL DEFAULT 1,
    -- SHA-256 of the last sentence: the same one again is a retry
    digest bytea NOT NULL,
    reply jsonb,                        -- null while the sentence is worked on
    state jsonb NOT NULL DEFAULT '{}',  -- focus, open question, what was told 
    heard_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, conversation)
) WITH (fillfactor = 50);

CREATE TABLE inbound_deliveries (
    delivery_id text PRIMARY KEY DEFAULT make_id('in_'),
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    source text NOT NULL,              -- 'github'
    hook_id text NOT NULL DEFAULT '',   -- X-GitHub-Hook-ID: two hooks share one GUID
    guid text NOT NULL,              -- X-GitHub-Delivery; absent: SHA-256 of the body and a number
    event_type text NOT NULL,
    headers jsonb NOT NULL,
    body bytea,                      -- the exact bytes; null when in the blob store
    body_sha256 bytea NOT NULL,
    content_type text,
    received_at timestamptz NOT NULL DEFAULT now(),
    conflict boolean NOT NULL DEFAULT false,  -- its GUID came before with other bytes
    body_pruned boolean NOT NULL DEFAULT false,  -- body and headers are gone, the rest dedupes
    -- what its payload says it is about, where its source tells
    action text,
    repository text,
    -- how it came: the path is what follows the source's own, with its query
    method text NOT NULL DEFAULT 'POST',
    path text NOT NULL DEFAULT '',
    size integer,                    -- null: from before it was kept
    status text NOT NULL DEFAULT 'received' CHECK (status IN ('received', 'failed', 'too_large')),
    failure text,                    -- why a channel passed over it
    -- 'github_api': read from GitHub's API, so not the bytes that were signed
    verified_by text NOT NULL DEFAULT 'source' CHECK (verified_by IN ('source', 'github_api'))
);
CREATE UNIQUE INDEX inbound_deliveries_identity
ON inbound_deliveries (project_id, source, hook_id, guid, body_sha256);
CREATE INDEX inbound_deliveries_newest
ON inbound_deliveries (project_id, received_at, delivery_id);
CREATE INDEX inbound_deliveries_bytes ON inbound_deliveries (
    project_id, source, body_sha256, received_at
);

-- Who may send webhooks, each at an address of its own. GitHub at POST /webhook itself has no row.
CREATE TABLE sources (
    source_id text PRIMARY KEY,              -- the address: POST /webhook/<source_id>
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    kind text NOT NULL,
    description text,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    rules jsonb NOT NULL DEFAULT '{}',       -- as domain/source.py reads them
    -- sealed under the master key; null: none was given yet
    secret_box bytea,
    previous_box bytea,                      -- the one before counts too, until then
    previous_until timestamptz,
    cidrs cidr[] NOT NULL DEFAULT '{}',      -- empty: from any address
    max_bytes integer NOT NULL,
    rate_per_minute integer NOT NULL,
    burst integer NOT NULL,
    tokens double precision NOT NULL,
    refilled_at timestamptz NOT NULL DEFAULT now(),
    retention_days integer CHECK (retention_days > 0),  -- of bodies; null: as the project says
    created_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
CREATE INDEX sources_project ON sources (project_id, created_at, source_id);

-- The networks that GitHub sends webhooks from, for sources whose rules say so; no row: no source
-- wanted it yet.
CREATE TABLE github_networks (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    networks cidr[] NOT NULL DEFAULT '{}',
    fetched_at timestamptz NOT NULL DEFAULT '-infinity',  -- older than a week, it refuses nobody
    next_at timestamptz NOT NULL             -- when GitHub is asked again
);

-- Sources of whose deliveries GitHub is asked what did not arrive (usecases/reconcile.py).
CREATE TABLE reconciliations (
    reconciliation_id text PRIMARY KEY DEFAULT make_id('rec_'),
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    source_id text NOT NULL,                 -- no reference: 'github' has no row
    hook text NOT NULL,                      -- its path in the API: 'repos/o/r/hooks/1', 'app/hook'
    hook_id text,                            -- as deliveries name it; null: an App's, any
    api_url text NOT NULL,
    app_id text,                             -- null: the box holds a token, else the App's key
    secret_box bytea NOT NULL,               -- sealed under the master key
    wanted text CHECK (wanted IN ('pass', 'dry_run')),  -- somebody asked for one
    next_at timestamptz NOT NULL DEFAULT now(),
    leased_until timestamptz,
    lease_epoch bigint NOT NULL DEFAULT 0,   -- an older pass changes nothing
    checked_until timestamptz,               -- what GitHub sent before is known or noted as missed
    -- the listing under way, from the newest back; null: none
    listing_top timestamptz,
    listing_floor timestamptz,
    listing_cursor text,
    passed_at timestamptz,
    report jsonb NOT NULL DEFAULT '{}',      -- what the last pass did
    failing_since timestamptz,
    failure text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project_id, source_id)
) WITH (fillfactor = 50);
CREATE INDEX reconciliations_due ON reconciliations (next_at);

-- What GitHub sent and we do not have.
CREATE TABLE missed_deliveries (
    reconciliation_id text NOT NULL REFERENCES reconciliations ON DELETE CASCADE,
    guid text NOT NULL,
    delivery_no bigint NOT NULL,             -- GitHub's id of the attempt
    status_code integer NOT NULL,            -- what GitHub was answered
    delivered_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,        -- how often GitHub was asked to send it again
    next_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (reconciliation_id, guid)
) WITH (fillfactor = 50);

-- Where clients that follow what comes in stand, and which of them may go on from there.
CREATE TABLE channels (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    channel text NOT NULL,
    after_xid xid8 NOT NULL,                 -- the place in the project's log, as events have it
    after_no bigint NOT NULL,
    lease_epoch bigint NOT NULL DEFAULT 1,   -- grows with each holder; an older one moves nothing
    holder text NOT NULL,
    leased_until timestamptz NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, channel)
) WITH (fillfactor = 50);

-- What MCP clients follow by webhook. Each has an endpoint of the same id: its address as
-- the notifier sees it. One that was ended stays for a week, so that ending it again is harmless.
CREATE TABLE event_subscriptions (
    subscription_id text PRIMARY KEY,         -- derived from all that makes it this one
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    principal text NOT NULL,
    name text NOT NULL,
    arguments jsonb NOT NULL,
    url text NOT NULL,
    -- what the arguments narrow it to; null: any
    session_id text,
    task_id text,
    agent_name text,
    facts jsonb NOT NULL DEFAULT '{}',        -- equal in an event's data
    key_id text NOT NULL,                     -- the key or connection that asked for it last
    secret_box bytea NOT NULL,                -- the client's secret, sealed under the master key
    secret_mark bytea NOT NULL,               -- tells whether another one came
    previous_box bytea,                       -- the one before signs too, until then
    previous_until timestamptz,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    last_delivery_at timestamptz,
    last_error text,
    failed_since timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    refreshed_at timestamptz NOT NULL DEFAULT now(),
    refilled_at timestamptz,                  -- what woke its principal earlier does not count
    -- its chat loses what comes while it is used; see domain/quiet_hold.py
    quiet boolean NOT NULL DEFAULT false,
    gap_at timestamptz,                       -- since then something was not sent; null: nothing
    ended_because text,                       -- null: its client ended it
    -- the text whose error codes its client understands
    codes text NOT NULL DEFAULT 'sketch'
);
CREATE INDEX event_subscriptions_principal ON event_subscriptions (project_id, principal);

-- Addresses that have shown that they want what is sent to them.
CREATE TABLE callback_verifications (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    principal text NOT NULL,
    url_sha256 bytea NOT NULL,
    verified_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, principal, url_sha256)
);

-- Whether a subscription is alive and wants an event of its types.
CREATE FUNCTION is_followed(subscription text, session text, task text, details jsonb)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT
        FROM event_subscriptions s
        WHERE s.subscription_id = subscription
            AND s.ended_at IS NULL
            AND s.expires_at > now()
            AND coalesce(s.session_id = session, s.session_id IS NULL)
            AND coalesce(s.task_id = task, s.task_id IS NULL)
            AND coalesce(s.agent_name = details ->> 'agent_name', s.agent_name IS NULL)
            AND details @> s.facts
    )
$$;

CREATE TABLE endpoints (
    endpoint_id text PRIMARY KEY DEFAULT make_id('ep_'),
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    url text NOT NULL,
    description text,
    event_types text[] NOT NULL DEFAULT '{}',   -- empty: all published types
    payload text NOT NULL DEFAULT 'thin' CHECK (payload IN ('thin', 'full')),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    disabled_reason text,
    -- secrets are derived from the master key, never stored
    secret_version integer NOT NULL DEFAULT 1,
    -- the version before signs too, until then
    previous_secret_until timestamptz,
    failures integer NOT NULL DEFAULT 0,     -- in a row; feeds the breaker
    breaker_open_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- answered in time when last contacted; null: not known yet
    responsive boolean,
    -- of an MCP client, which manages it; null: registered over the REST API
    subscription_id text UNIQUE REFERENCES event_subscriptions ON DELETE CASCADE
);
CREATE INDEX endpoints_project ON endpoints (project_id);

-- The same record for hosts of tasks' own callback_url, which have no endpoint.
CREATE TABLE callback_hosts (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    host text NOT NULL,         -- with its port, lower case
    responsive boolean,
    failures integer NOT NULL DEFAULT 0,
    breaker_open_until timestamptz,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, host)
);

CREATE TABLE deliveries (
    -- the callback's webhook-id, stable over retries
    delivery_id text PRIMARY KEY DEFAULT make_id('dlv_'),
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    event_no bigint NOT NULL,
    event_type text NOT NULL,
    task_id text,
    endpoint_id text REFERENCES endpoints ON DELETE CASCADE,  -- null: the task's own callback_url
    url text NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (
        status IN ('pending', 'delivered', 'dead', 'held')
    ),
    attempts smallint NOT NULL DEFAULT 0,
    next_attempt_at timestamptz DEFAULT now(),
    leased_until timestamptz,              -- a sender is at work; a second one keeps off
    log jsonb NOT NULL DEFAULT '[]',  -- one object per attempt: at, status, error, ms
    created_at timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    body bytea,  -- of a subscription: as it was first made, the same bytes at every attempt
    -- in the place of the event, a message about the subscription itself
    control text CHECK (control IN ('gap', 'terminated')),
    UNIQUE NULLS NOT DISTINCT (project_id, event_no, endpoint_id, url)
) WITH (fillfactor = 70);
CREATE INDEX deliveries_waiting ON deliveries (project_id, next_attempt_at)
WHERE status = 'pending';
CREATE INDEX deliveries_wakes ON deliveries (endpoint_id, delivered_at) WHERE body IS NOT NULL;
CREATE INDEX deliveries_recent ON deliveries (project_id, created_at DESC, delivery_id DESC);

-- How deep a task is that this connection delegates now: one deeper than what has woken it within
-- the time, or wakes it just now; 0 when nothing has. See domain/wake_budget.py.
CREATE FUNCTION wake_depth(of_project text, of_connection text, woken_s integer)
RETURNS smallint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(1 + max(coalesce(p.wake_depth, 0)), 0)::smallint
    FROM event_subscriptions s
    JOIN deliveries d ON d.endpoint_id = s.subscription_id
    JOIN events e ON e.event_no = d.event_no
    LEFT JOIN task_payloads p ON p.project_id = e.project_id AND p.task_id = e.task_id
    WHERE s.project_id = of_project
        AND of_connection IN (s.principal, s.key_id)
        AND d.body IS NOT NULL
        AND d.control IS NULL
        AND (
            d.delivered_at > greatest(now() - make_interval(secs => woken_s), s.refilled_at)
            OR (d.delivered_at IS NULL AND d.leased_until > now())
        )
$$;

-- Transactional outbox: written with the change, deleted when SNS has taken it; the reaper sweeps
-- what is left. Unlogged: what a crash of the server takes from it is filled in from the log
-- (docs/adr/0037-what-the-log-can-restore-is-unlogged.md).
CREATE UNLOGGED TABLE outbox (
    outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('wake', 'publish')),
    destination text,                         -- wake: the agent
    event_no bigint,                       -- publish: the event
    created_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
-- Its numbers survive: a writer that comes back after a crash would take another's row for his.
ALTER TABLE outbox_outbox_id_seq SET LOGGED;

-- Everything that precedes this place in the logs has left the outbox. Moved by each sweep: from
-- here the outbox is filled again after a crash of the server.
CREATE TABLE outbox_progress (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    pushed_before xid8 NOT NULL
);
INSERT INTO outbox_progress (pushed_before)
SELECT (
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint + pg_sequence_last_value('feed_base')
)::text::xid8;

-- One row, as long as no crash has emptied the outbox: both are unlogged.
CREATE UNLOGGED TABLE outbox_witness (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO outbox_witness DEFAULT VALUES;

CREATE TABLE idempotency_keys (
    project_id text NOT NULL,
    key text NOT NULL,
    -- SHA-256 of the request: the same key with another body is refused
    fingerprint bytea NOT NULL,
    request_id text NOT NULL,
    outcome jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
-- A foreign key would lock the project's row for every command.
CREATE FUNCTION forget_project() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM idempotency_keys WHERE project_id = OLD.project_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER projects_forgotten AFTER DELETE ON projects
FOR EACH ROW EXECUTE FUNCTION forget_project();

CREATE TABLE audit_log (
    audit_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id text NOT NULL,
    actor text NOT NULL,                 -- key id, or 'cli'
    action text NOT NULL,                 -- key.created, key.revoked, endpoint.rotated …
    subject text NOT NULL,
    data jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_log_recent ON audit_log (project_id, created_at DESC);

-- Where the sweep of the blob store stands (usecases/sweep_blobs.py); one row.
CREATE TABLE blob_sweep (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- of the page it has looked at last; empty: between two rounds
    marker text NOT NULL DEFAULT '',
    began_at timestamptz NOT NULL DEFAULT '-infinity',
    leased_until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO blob_sweep DEFAULT VALUES;
-- Does any row name these bytes?
CREATE INDEX conversation_chunks_blob ON conversation_chunks (project_id, content_sha256)
WHERE content_sha256 IS NOT NULL;
CREATE INDEX artifacts_blob ON artifacts (
    project_id, content_sha256
) WHERE content_sha256 IS NOT NULL;
CREATE INDEX inbound_deliveries_blob ON inbound_deliveries (
    project_id, body_sha256
) WHERE body IS NULL;
CREATE INDEX task_checkpoints_blob ON task_checkpoints (project_id, content_sha256)
WHERE content_sha256 IS NOT NULL;

-- Containers of runs whose task is to be cancelled, or whose lease the server ended itself, their
-- session's delete among the reasons. The dispatcher stops them, or the reaper (usecases/stop_runs.py).
CREATE TABLE runs_to_stop (
    attempt_id text PRIMARY KEY,             -- no reference: its row may be gone
    runtime_ref text NOT NULL,                -- ARN of the ECS task
    noted_at timestamptz NOT NULL DEFAULT now()
);

-- For how many days a project keeps rows of a kind; null: for ever. No row: what
-- domain/retention.py says.
CREATE TABLE retention_rules (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    kind text NOT NULL,
    days integer CHECK (days > 0),
    PRIMARY KEY (project_id, kind)
);

-- Where the walk through a project's rows of a kind stands (usecases/retain.py).
CREATE TABLE retention_walks (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    kind text NOT NULL,
    marker jsonb,  -- key of the row it has looked at last; null: between two walks
    began_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, kind)
);

-- The last place in a project's log up to which events were pruned: who stands before it may have
-- missed some.
CREATE TABLE feed_floors (
    project_id text PRIMARY KEY REFERENCES projects ON DELETE CASCADE,
    xid xid8 NOT NULL,
    event_no bigint NOT NULL
);

-- The same of a session, and how much of it was news that nobody had acknowledged.
CREATE TABLE session_floors (
    project_id text NOT NULL,
    session_id text NOT NULL,
    seq bigint NOT NULL,
    unacknowledged bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (project_id, session_id),
    FOREIGN KEY (project_id, session_id) REFERENCES sessions ON DELETE CASCADE
);

-- Which events that came in become tasks (usecases/start_by_rules.py).
CREATE TABLE rules (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    rule_id text NOT NULL,
    description text,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
    source text NOT NULL,
    event text,                              -- null: any of the source
    definition jsonb NOT NULL,               -- conditions, senders, task: domain/rule.py
    per_hour integer NOT NULL CHECK (per_hour > 0),
    per_subject integer NOT NULL CHECK (per_subject > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, rule_id)
);

-- Deliveries that rules are still to look at: written with the delivery, deleted when it is done.
CREATE TABLE rule_evaluations (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    delivery_id text NOT NULL REFERENCES inbound_deliveries ON DELETE CASCADE,
    round bigint NOT NULL DEFAULT 0,         -- event_no of the replay that wants it; 0: it came in
    correlation_id text NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,             -- until then, whoever took it is at work
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (delivery_id, round)
);
CREATE INDEX rule_evaluations_due ON rule_evaluations (due_at);

-- What became of each delivery that a rule matched.
CREATE TABLE rule_runs (
    project_id text NOT NULL REFERENCES projects ON DELETE CASCADE,
    rule_id text NOT NULL,
    delivery_id text NOT NULL REFERENCES inbound_deliveries ON DELETE CASCADE,
    round bigint NOT NULL DEFAULT 0,
    subject text NOT NULL,
    status text NOT NULL CHECK (status IN ('begun', 'started', 'limited', 'refused')),
    reason text,
    task_id text NOT NULL,                   -- reckoned before the task exists
    began_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (delivery_id, round, rule_id)
);
CREATE INDEX rule_runs_newest ON rule_runs (project_id, rule_id, began_at);
