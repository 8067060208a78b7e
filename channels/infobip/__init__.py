"""Infobip: its HTTP API and its webhooks, with one module per channel."""
