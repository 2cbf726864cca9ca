#!/bin/sh
# A key that nobody knows.
curl --silent --show-error "$AIWEBHOOK_URL/webhook" \
  -H "Authorization: Bearer aiw_unknown" \
  -H "Content-Type: application/json" \
  --data-binary @"$(dirname "$0")/request.json"
