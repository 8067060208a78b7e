"""The scopes of the app's manifest: what it does not ask for, its tokens do not open."""

import pytest

from sandbox.jira import scopes
from sandbox.jira.contract import OPERATIONS
from sandbox.jira.people import APP
from sandbox.jira.scopes import granted_scopes

LIST = """
app:
  id: ari:cloud:ecosystem::app/1
permissions:
  scopes:
    # The panel shows the status.
    - read:jira-work   # status
    - "read:servicedesk-request"
  external:
    fetch:
      - read:nothing
modules: {}
"""
MAP = """
permissions:
  external: {}
  scopes:
    "read:jira-work":
      allowImpersonation: true
    write:jira-work: { allowImpersonation: true }
    read:jira-user: {}
"""


@pytest.fixture
def manifest(tmp_path):
    return tmp_path / "manifest.yml"


@pytest.fixture
def granting(manifest, jira, web):
    """Return a function that gives the running Jira another manifest."""

    def grant(text):
        manifest.write_text(text)
        jira.scopes.clear()
        jira.scopes.update(granted_scopes(manifest))

    return grant


def test_scopes_are_read_from_a_list(manifest):
    manifest.write_text(LIST)

    assert granted_scopes(manifest) == {
        "read:jira-work": False,
        "read:servicedesk-request": False,
    }


def test_scopes_are_read_from_a_map(manifest):
    manifest.write_text(MAP)

    assert granted_scopes(manifest) == {
        "read:jira-work": True,
        "write:jira-work": True,
        "read:jira-user": False,
    }


def test_the_products_own_manifest_lets_every_operation_through():
    needed = {operation.scope for operation in OPERATIONS.values()}

    assert needed <= granted_scopes(scopes.MANIFEST).keys()


def test_a_call_beyond_the_scopes_is_refused(api_as, granting, open_request):
    key = open_request()["key"]
    granting(LIST)

    for client in (api_as(), api_as("ana")):
        answer = client.put(f"api/3/issue/{key}/properties/omnichat", json={})

        assert answer.status_code == 401
        assert answer.json() == {"code": 401, "message": "Unauthorized; scope does not match"}
        assert client.get(f"api/3/issue/{key}").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "servicedeskapi/request"),
        ("POST", "servicedeskapi/customer"),
        ("GET", "api/3/myself"),
    ],
)
def test_the_scope_is_asked_for_before_the_body_is_read(api, granting, method, path):
    granting(LIST)

    assert api.request(method, path).status_code == 401


def test_a_lent_token_has_only_the_scopes_that_may_be_lent(api, granting, jira, site, open_request):
    open_request()
    granting(MAP)
    lent = jira.identity.mint_api_token(site, APP.account_id, offline=True)
    headers = {"authorization": f"Bearer {lent}"}

    assert api.get("api/3/issue/SUP-101", headers=headers).status_code == 200
    assert api.get("api/3/myself", headers=headers).status_code == 401
    assert api.get("api/3/myself").status_code == 200
