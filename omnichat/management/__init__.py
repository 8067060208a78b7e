"""Commands that name every room."""
