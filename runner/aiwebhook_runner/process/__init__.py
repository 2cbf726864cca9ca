"""How an agent is started, isolated, limited, and ended with everything it started."""
