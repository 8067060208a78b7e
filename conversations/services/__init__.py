"""Every change of a conversation's state, one file per actor; each service is one transaction."""
