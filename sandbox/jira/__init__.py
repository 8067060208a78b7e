"""The sandbox's Jira: REST, tokens, Forge events and pages of a made-up Jira Service Management."""
