"""How Jira sees a conversation: the other neighbour of the domain."""
