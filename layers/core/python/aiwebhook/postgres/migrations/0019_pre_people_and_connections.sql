-- People sign in and let programs act for them (OAuth 2.1): a connection is one such grant.

CREATE TABLE people (
    person_id   text PRIMARY KEY,
    project_id  text NOT NULL REFERENCES projects ON DELETE CASCADE,
    name        text NOT NULL,
    code_handle text,
    code_salt   bytea,
    code_hash   bytea,
    code_set_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project_id, name)
);
CREATE INDEX people_handle ON people (code_handle) WHERE code_handle IS NOT NULL;

CREATE TABLE oauth_clients (
    client_id     text PRIMARY KEY,
    name          text NOT NULL,
    redirect_uris text[] NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    used_at       timestamptz
);

CREATE TABLE connections (
    connection_id   text PRIMARY KEY,
    project_id      text NOT NULL REFERENCES projects ON DELETE CASCADE,
    person_id       text NOT NULL REFERENCES people ON DELETE CASCADE,
    client_id       text NOT NULL,
    client_name     text NOT NULL,
    client_host     text NOT NULL,
    scopes          text[] NOT NULL,
    resource        text NOT NULL,
    redirect_uri    text NOT NULL,
    code_challenge  text NOT NULL,
    code_hash       bytea NOT NULL UNIQUE,
    code_expires_at timestamptz NOT NULL,
    code_used_at    timestamptz,
    revoked_at      timestamptz,
    revoked_reason  text,
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX connections_recent ON connections (project_id, created_at DESC, connection_id DESC);
CREATE INDEX connections_person ON connections (person_id);
CREATE INDEX connections_client ON connections (client_id);

CREATE TABLE access_tokens (
    token_hash    bytea PRIMARY KEY,
    connection_id text NOT NULL REFERENCES connections ON DELETE CASCADE,
    expires_at    timestamptz NOT NULL
);
CREATE INDEX access_tokens_connection ON access_tokens (connection_id);
CREATE INDEX access_tokens_age ON access_tokens (expires_at);

CREATE TABLE refresh_tokens (
    token_hash    bytea PRIMARY KEY,
    connection_id text NOT NULL REFERENCES connections ON DELETE CASCADE,
    expires_at    timestamptz NOT NULL,
    used_at       timestamptz,
    successors    integer NOT NULL DEFAULT 0
);
CREATE INDEX refresh_tokens_connection ON refresh_tokens (connection_id);
CREATE INDEX refresh_tokens_age ON refresh_tokens (expires_at);

CREATE TABLE door_limits (
    subject     text PRIMARY KEY,
    tokens      double precision NOT NULL,
    refilled_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- A connection has a bucket as an API key has one.
ALTER TABLE rate_buckets DROP CONSTRAINT rate_buckets_key_id_fkey;
