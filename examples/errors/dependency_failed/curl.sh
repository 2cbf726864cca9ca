#!/bin/sh
# A task that waits for one that was cancelled.
curl --silent --show-error "$AIWEBHOOK_URL/webhook" \
  -H "Authorization: Bearer $AIWEBHOOK_KEY" \
  -H "Content-Type: application/json" \
  --data-binary @"$(dirname "$0")/request.json"
