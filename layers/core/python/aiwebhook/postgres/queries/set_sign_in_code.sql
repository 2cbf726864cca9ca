-- Give a person a new sign-in code, with an audit entry; the old one stops working. No row: no such
-- person, or, with `only_first`, they already have a code.
WITH person AS (
    UPDATE people
    SET code_handle = %(handle)s, code_salt = %(salt)s, code_hash = %(hash)s, code_set_at = now()
    WHERE project_id = %(project_id)s
        AND (person_id = %(person)s OR name = %(person)s)
        AND (code_hash IS NULL OR NOT %(only_first)s)
    RETURNING person_id, project_id, name, code_set_at, created_at
), audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject)
    SELECT project_id, %(actor)s, 'person.code_set', person_id
    FROM person
)
SELECT person_id, name, code_set_at, created_at
FROM person
