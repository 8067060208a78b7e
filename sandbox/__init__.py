"""The outside world on a desk: a Jira, an Infobip and phones that speak real HTTP."""
