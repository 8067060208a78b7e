"""The database backend: django-tenants' own, with transactions that end."""
