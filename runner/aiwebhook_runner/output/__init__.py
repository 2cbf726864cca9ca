"""What an agent said, and what that comes to: messages, events, the transcript and the outcome."""
