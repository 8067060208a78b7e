"""The console's pages of where requests are opened, what senders are used for, the licence."""

from jira_bridge.admin import licence, request_defaults, sender_rules, senders

# Importing them registers their pages.
__all__ = ["licence", "request_defaults", "sender_rules", "senders"]
