"""Who may enter a console: people, their roles, how they log in and prove who they are."""
