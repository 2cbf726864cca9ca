-- POST /v1/say: where each spoken conversation is, and its last reply.

CREATE TABLE spoken_conversations (
    project_id   text NOT NULL REFERENCES projects ON DELETE CASCADE,
    conversation text NOT NULL,
    reader       text NOT NULL,
    turn         bigint NOT NULL DEFAULT 1,
    digest       bytea NOT NULL,
    reply        jsonb,
    state        jsonb NOT NULL DEFAULT '{}',
    heard_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (project_id, conversation)
) WITH (fillfactor = 50);
