"""How an agent lives and dies: started apart, bounded, and ended with all it started."""
