"""The Forge app's manifest says what the code behind it does."""

import inspect
import json
import re
from pathlib import Path

import pytest
import yaml
from django.urls import URLPattern, get_resolver, resolve

from jira_bridge import events, requests, statuses
from jira_bridge.client import JiraClient
from jira_bridge.views import ForgeView
from sandbox.jira import modules

APP = Path(__file__).parents[2] / "jira_bridge" / "forge"
MACHINES = "omnichat.urls_machines"
HOST_LIMIT = 23  # characters of a remote's key
WITHOUT_SCOPE = {"avi:forge:installed:app", "avi:forge:upgraded:app"}
TYPES_SCOPE = "read:requesttype:jira-service-management"
DESKS_SCOPE = "read:servicedesk:jira-service-management"
SCOPE_OF = {
    "create_request": "write:servicedesk-request",
    "service_desks": "read:servicedesk-request",
    "request_types": "read:servicedesk-request",
    "request_type_fields": "read:servicedesk-request",
    "create_customer": "manage:servicedesk-customer",
    "add_customers": "manage:servicedesk-customer",
    "find_users": "read:jira-user",
    "user": "read:jira-user",
    "own_account": "read:jira-user",
    "issue": "read:jira-work",
    "edit_issue": "write:jira-work",
    "search": "read:jira-work",
    "search_pages": "read:jira-work",
    "put_property": "write:jira-work",
    "has_property": "read:jira-work",
    "attach": "write:jira-work",
    "comments": "read:jira-work",
    "comment_internally": "write:jira-work",
    "permissions": "read:jira-work",
}
TOKEN_SCOPES = {"read:app-system-token", "read:app-user-token"}


@pytest.fixture(scope="module")
def manifest():
    return yaml.safe_load((APP / "manifest.yml").read_text())


@pytest.fixture(scope="module")
def shell():
    return (APP / "shell" / "shell.js").read_text()


def entries(manifest, module):
    return manifest["modules"][module]


def endpoints(manifest):
    return {each["key"]: each for each in entries(manifest, "endpoint")}


def events_of(manifest):
    return {name for each in entries(manifest, "trigger") for name in each["events"]}


def forge_routes():
    """Return what of ours answers to Forge, by path."""
    found = {}

    def walk(patterns, prefix=""):
        for each in patterns:
            path = prefix + str(each.pattern)
            if isinstance(each, URLPattern):
                found[f"/{path}"] = each.callback
            else:
                walk(each.url_patterns, path)

    walk(get_resolver(MACHINES).url_patterns)
    return {path: view for path, view in found.items() if path.startswith("/forge/v1/")}


def test_every_endpoint_is_a_route_of_ours(manifest):
    routed = [each for each in entries(manifest, "endpoint") if "route" in each]

    for each in routed:
        view = resolve(each["route"]["path"], MACHINES).func
        assert issubclass(view.view_class, ForgeView)


def test_every_route_for_forge_itself_is_an_endpoint(manifest):
    ours = {path for path in forge_routes() if not path.startswith("/forge/v1/ui/")}

    routed = {each["route"]["path"] for each in endpoints(manifest).values() if "route" in each}
    assert routed == ours


def test_pages_call_every_route_for_pages_and_no_other(shell):
    called = set(re.findall(r'"(/forge/v1/[^"]+)"', shell))

    assert called == {path for path in forge_routes() if path.startswith("/forge/v1/ui/")}


def test_only_pages_bring_a_users_token(manifest):
    with_user = {key for key, each in endpoints(manifest).items() if "appUserToken" in each["auth"]}

    assert with_user == {"ui"}
    assert all(each["auth"]["appSystemToken"]["enabled"] for each in endpoints(manifest).values())


def test_everything_named_is_there(manifest):
    known = {
        "endpoint": set(endpoints(manifest)),
        "function": {each["key"] for each in entries(manifest, "function")},
        "resource": {each["key"] for each in manifest["resources"]},
        "remote": {each["key"] for each in manifest["remotes"]},
    }

    for named, name in names_in(manifest["modules"]):
        assert name in known[named]


def names_in(part):
    if isinstance(part, list):
        for each in part:
            yield from names_in(each)
    elif isinstance(part, dict):
        for key, value in part.items():
            if isinstance(value, str) and key in ("endpoint", "function", "resource", "remote"):
                yield key, value
            yield from names_in(value)


def test_module_keys_are_those_that_the_sandbox_plays(manifest):
    types = ("jira:issueActivity", "jira:issueContext", "jira:adminPage")
    assert {
        each["key"]: module for module in types for each in entries(manifest, module)
    } == modules.MODULE_TYPES


def test_shell_knows_the_types_of_its_pages(manifest, shell):
    assert set(re.findall(r'"(jira:\w+)"', shell)) < set(manifest["modules"])


def test_events_that_are_understood_are_subscribed_and_no_others(manifest):
    named = set(re.findall(r'case "(avi:[^"]+)"', inspect.getsource(events.take_in)))
    subscribed = events_of(manifest) - WITHOUT_SCOPE

    assert named == {name for name in subscribed if name.startswith("avi:jira:")}
    others = subscribed - named
    assert len(others) == 6
    assert all(events.TYPES_CHANGED.fullmatch(name) for name in others)


def test_own_changes_of_requests_are_not_told(manifest):
    (about_requests,) = [
        each for each in entries(manifest, "trigger") if "avi:jira:updated:issue" in each["events"]
    ]

    assert about_requests["filter"] == {"ignoreSelf": True}


def test_every_operation_has_a_scope():
    operations = {
        name
        for name in vars(JiraClient)
        if not name.startswith("_") and callable(vars(JiraClient)[name])
    }

    assert operations == set(SCOPE_OF)


def test_scopes_are_those_that_operations_and_events_need(manifest):
    scopes = manifest["permissions"]["scopes"]

    assert len(scopes) == len(set(scopes))
    assert set(scopes) == {*SCOPE_OF.values(), *TOKEN_SCOPES, TYPES_SCOPE, DESKS_SCOPE}


def test_every_scope_has_its_reason():
    lines = (APP / "manifest.yml").read_text().splitlines()
    scopes = [
        number for number, line in enumerate(lines) if re.match(r"    - (read|write|manage):", line)
    ]

    unexplained = [lines[number] for number in scopes if "#" not in lines[number - 1]]
    assert unexplained == [f"    - {DESKS_SCOPE}"]  # the line above explains both


def test_property_is_the_one_that_is_written_and_asked_for(manifest):
    (declared,) = entries(manifest, "jira:entityProperty")
    aliases = {value["path"]: value["searchAlias"] for value in declared["values"]}
    written = inspect.getsource(requests.annotate_request)

    assert declared["propertyKey"] == requests.PROPERTY
    assert set(aliases) == set(re.findall(r'"(\w+)"[\]:]', written))
    assert all(aliases[path] == f"omnichat{path.title()}" for path in aliases)
    assert "issue.property[omnichat].conversation" in inspect.getsource(statuses.reconcile_site)


def test_limits_of_forge_are_kept(manifest):
    assert all(len(remote["key"]) <= HOST_LIMIT for remote in manifest["remotes"])
    assert [each["interval"] for each in entries(manifest, "scheduledTrigger")] == ["hour"]
    assert "filter" not in entries(manifest, "scheduledTrigger")[0]


def test_frames_may_show_the_hosts_of_the_remote_and_no_others(manifest):
    (remote,) = manifest["remotes"]
    frames = [each["address"] for each in manifest["permissions"]["external"]["frames"]]

    assert set(manifest["permissions"]["external"]) == {"frames"}
    assert frames == list(remote["baseUrl"].values())


def test_resources_and_functions_are_built_from_files_that_exist(manifest):
    build = (APP / "build.mjs").read_text()
    (resource,), (function,) = manifest["resources"], entries(manifest, "function")
    module, _, name = function["handler"].partition(".")

    assert (APP / resource["path"] / "index.html").is_file()
    assert f"export async function {name}(" in (APP / "functions" / f"{module}.js").read_text()
    assert "`${DIST}/shell/shell.js`" in build
    assert f"`${{DIST}}/src/{module}.js`" in build


def test_lock_names_exact_versions_and_no_addresses():
    lock = json.loads((APP / "package-lock.json").read_text())
    wanted = json.loads((APP / "package.json").read_text())

    assert [path for path, each in lock["packages"].items() if "resolved" in each] == []
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    assert (APP / ".npmrc").read_text() == "omit-lockfile-registry-resolved=true\n"
