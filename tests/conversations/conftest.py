"""What several tests of the domain begin with."""

import pytest

from conversations import sweeps
from tenants.models import PendingWork


@pytest.fixture
def unmarked_sites(inside_acme):
    """Marks are committed whatever the transaction does: those of tests before stay."""
    PendingWork.objects.all().delete()
    yield
    sweeps.close()
