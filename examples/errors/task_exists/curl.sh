#!/bin/sh
# The same task_id for different work.
curl --silent --show-error --output /dev/null "$AIWEBHOOK_URL/webhook" \
  -H "Authorization: Bearer $AIWEBHOOK_KEY" \
  -H "Content-Type: application/json" \
  --data-binary @"$(dirname "$0")/before.json"
curl --silent --show-error "$AIWEBHOOK_URL/webhook" \
  -H "Authorization: Bearer $AIWEBHOOK_KEY" \
  -H "Content-Type: application/json" \
  --data-binary @"$(dirname "$0")/request.json"
