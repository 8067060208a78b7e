"""How a message travels: one neighbour of the domain, with one module per channel of a provider."""
