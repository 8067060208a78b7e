"""A site as one file: to keep it, to put it back, to move it to another database."""
