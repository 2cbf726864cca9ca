-- Begin a turn with a sentence. No row: it repeats the last one, either soon enough to be a phone's
-- retry or under the same request id. After a long silence, a conversation that no client named
-- starts over.
INSERT INTO spoken_conversations AS known (project_id, conversation, reader, digest)
VALUES (%(project_id)s, %(conversation)s, %(reader)s, %(digest)s)
ON CONFLICT (project_id, conversation) DO UPDATE
    SET turn = known.turn + 1,
        digest = excluded.digest,
        reply = NULL,
        heard_at = now(),
        reader = CASE
            WHEN known.heard_at < now() - make_interval(secs => %(silence_s)s::float8)
                THEN excluded.reader
            ELSE known.reader
        END,
        state = CASE
            WHEN
                known.heard_at < now() - make_interval(secs => %(silence_s)s::float8)
                THEN '{}'::jsonb
            ELSE known.state
        END
    WHERE known.digest <> excluded.digest
    OR known.heard_at < now() - make_interval(secs => %(repeated_within_s)s)
RETURNING turn, reader, state, reply
