"""What an agent said and what it amounts to: messages, events, the transcript and the outcome."""
