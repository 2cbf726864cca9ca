#!/bin/sh
# Another Content-Type than JSON.
curl --silent --show-error "$AIWEBHOOK_URL/webhook" \
  -H "Authorization: Bearer $AIWEBHOOK_KEY" \
  -H "Content-Type: text/plain" \
  --data-binary @"$(dirname "$0")/request.json"
