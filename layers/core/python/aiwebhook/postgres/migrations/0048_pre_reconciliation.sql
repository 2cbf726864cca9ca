-- What GitHub could not deliver is asked for again (usecases/reconcile.py).

CREATE TABLE reconciliations (
    reconciliation_id text PRIMARY KEY DEFAULT make_id('rec_'),
    project_id    text NOT NULL REFERENCES projects ON DELETE CASCADE,
    source_id     text NOT NULL,
    hook          text NOT NULL,
    hook_id       text,
    api_url       text NOT NULL,
    app_id        text,
    secret_box    bytea NOT NULL,
    wanted        text CHECK (wanted IN ('pass', 'dry_run')),
    next_at       timestamptz NOT NULL DEFAULT now(),
    leased_until  timestamptz,
    lease_epoch   bigint NOT NULL DEFAULT 0,
    checked_until timestamptz,
    listing_top   timestamptz,
    listing_floor timestamptz,
    listing_cursor text,
    passed_at     timestamptz,
    report        jsonb NOT NULL DEFAULT '{}',
    failing_since timestamptz,
    failure       text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (project_id, source_id)
) WITH (fillfactor = 50);
CREATE INDEX reconciliations_due ON reconciliations (next_at);

CREATE TABLE missed_deliveries (
    reconciliation_id text NOT NULL REFERENCES reconciliations ON DELETE CASCADE,
    guid          text NOT NULL,
    delivery_no   bigint NOT NULL,
    status_code   integer NOT NULL,
    delivered_at  timestamptz NOT NULL,
    tries         integer NOT NULL DEFAULT 0,
    next_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (reconciliation_id, guid)
) WITH (fillfactor = 50);

ALTER TABLE inbound_deliveries
    ADD COLUMN verified_by text NOT NULL DEFAULT 'source'
    CHECK (verified_by IN ('source', 'github_api'));
