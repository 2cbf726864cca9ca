-- The networks that GitHub sends webhooks from: a source may be told to take nothing from elsewhere.

CREATE TABLE github_networks (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    networks    cidr[] NOT NULL DEFAULT '{}',
    fetched_at  timestamptz NOT NULL DEFAULT '-infinity',
    next_at     timestamptz NOT NULL
);
