"""What workers do for this neighbour."""

from celery import shared_task

from jira_bridge import connections
from tenants.provisioning import provision_waiting


@shared_task
def provision_sites() -> int:
    """Make the schemas of sites that have been installed and have none yet."""
    return provision_waiting()


@shared_task
def provision_site(schema_name: str) -> int:
    """Make the schema of one site that somebody waits for."""
    return provision_waiting(schema_name)


@shared_task
def watch_connections() -> int:
    """Find the sites whose connection to Jira is lost, or there again."""
    return connections.watch()
