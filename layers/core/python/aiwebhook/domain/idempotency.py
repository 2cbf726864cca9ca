"""How long an idempotency key is remembered: that long a repeated write is harmless."""

KEY_LIFE_S = 24 * 3600
KEY_LIFE_IN_WORDS = f"{KEY_LIFE_S // 3600} hours"
