"""What templates of the panel need beside Django's own tags."""
