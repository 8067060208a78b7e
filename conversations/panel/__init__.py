"""The agent's page in a Jira request."""
