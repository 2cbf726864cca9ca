-- Create a person, with an audit entry. No row: the name is taken in this project, or there is no
-- such project.
WITH person AS (
    INSERT INTO people (person_id, project_id, name)
    SELECT %(person_id)s, project_id, %(name)s
    FROM projects
    WHERE project_id = %(project_id)s
    ON CONFLICT (project_id, name) DO NOTHING
    RETURNING person_id, project_id, name, code_set_at, created_at
), audit AS (
    INSERT INTO audit_log (project_id, actor, action, subject, data)
    SELECT project_id, %(actor)s, 'person.created', person_id, jsonb_build_object('name', name)
    FROM person
)
SELECT person_id, name, code_set_at, created_at
FROM person
