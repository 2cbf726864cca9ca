-- Whom a sign-in code may belong to, by its first part: of any project, for the code says which.
SELECT person_id, code_salt, code_hash
FROM people
WHERE code_handle = %(handle)s
LIMIT 5
