"""Who: one Jira site is one schema. The only door to django-tenants."""
