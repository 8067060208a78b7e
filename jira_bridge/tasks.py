"""What workers do for this neighbour."""

from celery import shared_task

from tenants.provisioning import provision_waiting


@shared_task
def provision_sites() -> int:
    """Make the schemas of sites that have been installed and have none yet."""
    return provision_waiting()
