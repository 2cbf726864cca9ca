-- Whether another database than this one wrote the mark: this one was restored from a dump, fed by
-- logical replication, recovered to a point in time or promoted; or its mark was never written. A
-- row that a dump or replication copies gets the xmin of the transaction that wrote the copy.
WITH
-- include this_database
SELECT EXISTS(
    SELECT
    FROM this_database t
    WHERE NOT EXISTS (
            SELECT
            FROM database_mark m
            WHERE m.system_identifier = t.system_identifier
                AND m.timeline = t.timeline
                AND mod(m.written_by::text::bigint, 4294967296) = m.xmin::text::bigint
        )
) AS restored
