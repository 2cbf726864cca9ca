#!/bin/sh
# No key at all.
curl --silent --show-error "$AIWEBHOOK_URL/webhook" \
  -H "Content-Type: application/json" \
  --data-binary @"$(dirname "$0")/request.json"
