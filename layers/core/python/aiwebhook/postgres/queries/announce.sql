-- Wake readers that wait for events when this transaction commits. It is the last statement,
-- because NOTIFY lets one transaction at a time commit. A transaction that finds another one
-- notifying wakes them after its own commit instead (wake_readers.sql).
SELECT
    CASE
        WHEN pg_try_advisory_xact_lock(hashtext('aiwebhook.notify'))
            THEN pg_notify('aiwebhook', '') IS NULL
    END AS notified
