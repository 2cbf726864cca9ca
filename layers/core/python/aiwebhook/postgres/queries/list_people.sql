-- All people of a project, in the order they were added.
SELECT person_id, name, code_set_at, created_at
FROM people
WHERE project_id = %(project_id)s
ORDER BY created_at, person_id
