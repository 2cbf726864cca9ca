-- MCP clients that follow events by webhook.

CREATE TABLE event_subscriptions (
    subscription_id  text PRIMARY KEY,
    project_id       text NOT NULL REFERENCES projects ON DELETE CASCADE,
    principal        text NOT NULL,
    name             text NOT NULL,
    arguments        jsonb NOT NULL,
    url              text NOT NULL,
    session_id       text,
    task_id          text,
    agent_name       text,
    facts            jsonb NOT NULL DEFAULT '{}',
    key_id           text NOT NULL,
    secret_box       bytea NOT NULL,
    secret_mark      bytea NOT NULL,
    previous_box     bytea,
    previous_until   timestamptz,
    expires_at       timestamptz NOT NULL,
    ended_at         timestamptz,
    last_delivery_at timestamptz,
    last_error       text,
    failed_since     timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    refreshed_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX event_subscriptions_principal ON event_subscriptions (project_id, principal);

CREATE TABLE callback_verifications (
    project_id  text NOT NULL REFERENCES projects ON DELETE CASCADE,
    principal   text NOT NULL,
    url_sha256  bytea NOT NULL,
    verified_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, principal, url_sha256)
);

ALTER TABLE endpoints ADD COLUMN subscription_id text UNIQUE REFERENCES event_subscriptions ON DELETE CASCADE;

ALTER TABLE deliveries ADD COLUMN body bytea;

CREATE FUNCTION is_followed(subscription text, session text, task text, details jsonb) RETURNS boolean
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
