"""What a question is about: its own words, and names of things of the kind it asks for.

"Which database did we choose?" is answered by "We take Postgres", which does not mention databases.
A short list of what software people talk about most; anything else is found by its own words.
"""

from aiwebhook_agents.text.words import content_words

_NAMES = {
    "database db datastore": "postgres postgresql mysql mariadb sqlite oracle mongodb dynamodb "
    "timescaledb cassandra cockroachdb aurora bigquery snowflake duckdb clickhouse neo4j supabase",
    "queue broker messaging": "sqs rabbitmq kafka nats kinesis celery activemq pubsub pulsar",
    "cache": "redis memcached valkey varnish cloudfront",
    "cloud provider hosting host": "aws azure gcp hetzner heroku digitalocean vercel netlify fly",
    "language": "python rust golang java kotlin typescript javascript ruby swift php scala elixir",
    "framework frontend ui": "react vue angular svelte django flask fastapi rails spring nextjs",
    "storage bucket": "s3 gcs minio ceph",
    "search engine": "elasticsearch opensearch solr meilisearch typesense",
    "model llm": "claude gpt gemini llama mistral codex",
    "ci pipeline": "jenkins github gitlab circleci buildkite",
    "container orchestration": "docker kubernetes fargate ecs nomad podman",
    "editor ide": "vim emacs vscode intellij pycharm",
    "payment payments": "stripe paypal adyen braintree mollie",
    "login authentication auth": "auth0 cognito okta keycloak oauth saml",
    "format file": "csv excel json parquet xml pdf yaml",
}
_NAMES_OF = {
    kind: tuple(content_words(names))
    for kinds, names in _NAMES.items()
    for kind in content_words(kinds)
}


def with_names(stems: list[str]) -> list[str]:
    """The words, and after them the names of what they stand for."""
    names = [name for word in stems for name in _NAMES_OF.get(word, ())]
    return list(dict.fromkeys([*stems, *names]))
