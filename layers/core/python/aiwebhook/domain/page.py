"""How long the pages of lists are."""

DEFAULT_PAGE = 20
"""Of lists that people read, unless a request says otherwise."""
MAX_PAGE = 100
"""The longest that may be asked for; of events, which programs read, also the usual one."""
