"""Phones on which one plays the customer."""
