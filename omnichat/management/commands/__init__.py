"""`manage.py` commands of the composition."""
