"""The product on each of the brokers."""

import pytest

from tests.services.stores import BROKERS, postgresql
from tests.services.two_of_each import two_of_each


@pytest.fixture(params=BROKERS, scope="module")
def run(request, tmp_path_factory):
    base = tmp_path_factory.mktemp(request.param)
    folders = [base / name for name in ("database", "broker", "state")]
    for folder in folders:
        folder.mkdir(mode=0o700)
    with (
        postgresql(folders[0]) as database_url,
        BROKERS[request.param](folders[1]) as broker_url,
        two_of_each(folders[2], database_url, broker_url) as there,
    ):
        yield there
