-- Wake those who wait for events when this transaction commits; its last statement, because NOTIFY
-- lets one transaction at a time commit. Who finds another at it wakes them after his own commit
-- (wake_readers.sql).
SELECT
    CASE
        WHEN pg_try_advisory_xact_lock(hashtext('aiwebhook.notify'))
            THEN pg_notify('aiwebhook', '') IS NULL
    END AS notified
