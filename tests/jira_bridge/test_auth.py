"""The Forge Invocation Token: who may call, and that nothing else is a 401."""

import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from time import monotonic, time

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from rest_framework.exceptions import APIException, AuthenticationFailed

from jira_bridge import auth
from tenants.models import Installation, Site
from tests.figures import counted
from tests.jira_bridge import forge
from tests.loopback import closed_address

pytestmark = pytest.mark.django_db


def require_refused(response):
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert set(response.json()) == {"detail"}
    assert (Installation.objects.count(), Site.objects.count()) == (0, 2)


def require_not_served(response, reason):
    assert (response.status_code, response.json()) == (403, {"detail": reason})
    assert (Installation.objects.count(), Site.objects.count()) == (0, 2)


def test_valid_token(call):
    response = call("tick")

    assert (response.status_code, response.content) == (204, b"")
    installation = Installation.objects.get()
    assert installation.installation_id == forge.INSTALLATION_ID
    assert (installation.site.slug, installation.app_version) == ("acme", "2.1.0")


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": int(time()) - 11},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": 4102444800},
        {"iat": 4102444800},
        {"iat": None},
        {"aud": "ari:cloud:ecosystem::app/another"},
        {"aud": None},
        {"aud": 7},
        {"iss": "forge/another-token"},
        {"iss": None},
        {"app": None},
        {"app": "text"},
        {"app": {"installationId": "i", "environment": {"type": "PRODUCTION"}}},
    ],
)
def test_claims_that_are_refused(call, settings, changes):
    require_refused(call("tick", forge.claims(settings, **changes)))


@pytest.mark.parametrize("environment", ["DEVELOPMENT", "STAGING", "", None])
def test_other_environments_are_not_served(call, settings, environment):
    said = forge.claims(settings)
    said["app"]["environment"] = {"type": environment}

    require_not_served(call("tick", said), "This environment of the app is not served here.")


def test_environment_that_settings_name_is_served(call, settings):
    settings.FORGE_ENVIRONMENTS = ["DEVELOPMENT"]
    said = forge.claims(settings)
    said["app"]["environment"] = {"type": "DEVELOPMENT"}

    assert call("tick", said).status_code == 204


def test_isolated_cloud_is_not_served(call, settings):
    said = forge.claims(settings, icLabel="isolated-1")

    require_not_served(call("tick", said), "Isolated Cloud is not served here.")


def test_token_without_installation_is_refused(call, settings):
    said = forge.claims(settings)
    del said["app"]["installationId"]
    said["app"]["installation"].pop("id")

    require_refused(call("tick", said))


def test_token_without_cloud_id_is_refused(call, settings):
    said = forge.claims(settings)
    said["app"]["installation"]["contexts"] = []

    require_refused(call("tick", said))


def test_installation_id_may_stand_in_the_installation_alone(call, settings):
    said = forge.claims(settings)
    del said["app"]["installationId"]

    assert call("tick", said).status_code == 204
    assert Installation.objects.get().installation_id == forge.INSTALLATION_ID


def test_scheme_may_be_written_in_any_case(client, keys, settings):
    token = forge.sign(forge.claims(settings))

    response = client.post("/forge/v1/tick", headers={"Authorization": f"bearer {token}"})

    assert response.status_code == 204


@pytest.mark.parametrize("claim", ["principal", "sub"])
def test_page_is_known_by_its_user(settings, rf, claim):
    said = forge.page_claims(settings)
    said[claim] = said.pop("principal")

    caller = auth._caller(said, rf.post("/"))

    assert (caller.account_id, caller.from_page) == (forge.ACCOUNT_ID, True)


def test_page_without_user_has_no_account(settings, rf):
    said = forge.page_claims(settings)
    del said["principal"]

    assert auth._caller(said, rf.post("/")).account_id == ""


def test_page_without_user_is_known_by_its_module(call, settings):
    said = forge.page_claims(settings)
    del said["principal"]
    said["app"]["module"] = {"type": "jira:issueActivity", "key": "omnichat-activity"}

    response = call("bye", said)

    assert (response.status_code, response.json()) == (403, {"detail": "This is not for pages."})


@pytest.mark.parametrize("route", ["lifecycle", "events", "tick", "bye"])
def test_pages_may_not_say_what_forge_says(call, settings, route):
    response = call(route, forge.page_claims(settings))

    assert (response.status_code, response.json()) == (403, {"detail": "This is not for pages."})
    assert Installation.objects.count() == 0


def test_leeway_is_ten_seconds(call, settings):
    assert call("tick", forge.claims(settings, exp=int(time()) - 8)).status_code == 204


def test_token_of_another_key_is_refused(call, settings):
    token = forge.sign(forge.claims(settings), key=forge.private_key("theirs"))

    require_refused(call("tick", token=token))


def test_changed_claims_are_refused(call, settings):
    head, _said, signature = forge.sign(forge.claims(settings)).split(".")
    said = forge.encoded(json.dumps(forge.claims(settings, jti="other")).encode())

    require_refused(call("tick", token=f"{head}.{said}.{signature}"))


def test_unsigned_token_is_refused(call, settings):
    head, said, _signature = forge.sign(forge.claims(settings)).split(".")

    require_refused(call("tick", token=f"{head}.{said}."))


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE"])
def test_algorithm_none_is_refused(call, settings, algorithm):
    head = forge.encoded(json.dumps({"alg": algorithm, "kid": forge.KEY_ID}).encode())
    said = forge.encoded(json.dumps(forge.claims(settings)).encode())

    require_refused(call("tick", token=f"{head}.{said}."))


def test_hmac_with_the_public_key_is_refused(call, settings):
    secret = (
        forge.private_key()
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    head = forge.encoded(json.dumps({"alg": "HS256", "kid": forge.KEY_ID}).encode())
    said = forge.encoded(json.dumps(forge.claims(settings)).encode())
    signature = hmac.digest(secret, f"{head}.{said}".encode(), sha256)

    require_refused(call("tick", token=f"{head}.{said}.{forge.encoded(signature)}"))


@pytest.mark.parametrize(
    "token", ["x", "a.b.c", "..", "ÿ", forge.encoded(b"[" * 3000) + ".e30.", "e30.e30.e30"]
)
def test_what_is_no_token_is_refused(call, token):
    require_refused(call("tick", token=token))


@pytest.mark.parametrize("kid", [None, 7, [], {}, "", "x" * 50_000, "\x00"])
def test_key_id_of_any_shape_is_refused(call, settings, kid):
    head = forge.encoded(json.dumps({"alg": "RS256", "kid": kid}).encode())
    said = forge.encoded(json.dumps(forge.claims(settings)).encode())

    require_refused(call("tick", token=f"{head}.{said}.{forge.encoded(b'signature')}"))


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "JWT x"])
def test_other_authorization_is_refused(client, keys, header):
    require_refused(client.post("/forge/v1/tick", headers={"Authorization": header}))


@pytest.mark.parametrize("route", ["lifecycle", "events", "tick", "bye", "ui/session"])
def test_every_route_wants_a_token(client, keys, route):
    require_refused(client.post(f"/forge/v1/{route}"))


def test_forged_key_ids_do_not_make_us_fetch_the_keys_again_and_again(call, keys, settings):
    for number in range(5):
        require_refused(call("tick", token=forge.sign(forge.claims(settings), kid=f"k{number}")))

    assert len(keys.requests) == 1


def test_flood_of_forged_key_ids_fetches_the_keys_once(keys, settings):
    said = forge.claims(settings)
    tokens = [forge.sign(said, kid=f"k{number}") for number in range(40)]

    with ThreadPoolExecutor(8) as pool:
        refusals = list(pool.map(refusal_of, tokens))

    assert set(refusals) == {AuthenticationFailed}
    assert len(keys.requests) == 1


def refusal_of(token):
    with pytest.raises(APIException) as refused:
        auth._verified(token)
    return refused.type


def test_forged_key_ids_do_not_make_us_wait_for_a_host_that_is_down(
    call, keys, settings, monkeypatch
):
    call("tick")
    keys.forget_answers()
    monkeypatch.setattr(auth._keys(), "cooldown_duration", 0)

    for number in range(5):
        call("tick", token=forge.sign(forge.claims(settings), kid=f"k{number}"))

    assert len(keys.requests) == 2
    assert auth._keys()._rests_until > monotonic() + 29


def test_new_key_is_fetched_after_a_while(call, keys, settings, monkeypatch):
    call("tick")
    monkeypatch.setattr(auth._keys(), "cooldown_duration", 0)

    response = call("tick", token=forge.sign(forge.claims(settings), kid="new"))

    assert response.status_code == 401
    assert len(keys.requests) == 2


def test_host_of_the_keys_down(call, settings):
    settings.FORGE_JWKS_URL = f"http://{closed_address()}/keys.json"
    before = counted("omnichat_forge_keys_failed_total")

    response = call("tick")

    assert response.status_code == 503
    assert counted("omnichat_forge_keys_failed_total") == before + 1
    assert response.json() == {"detail": "Atlassian's keys cannot be fetched now."}
    assert Installation.objects.count() == 0


@pytest.mark.parametrize(
    ("status", "answer"),
    [(500, ""), (200, "<html>"), (200, "[]"), (200, "{}"), (200, {"keys": []}), (302, "")],
)
def test_answer_that_holds_no_keys_is_503_and_asked_once(call, keys, status, answer):
    keys.forget_answers()
    keys.answer(status, answer, headers={"Location": "/elsewhere"}, times=5)

    statuses = [call("tick").status_code for _ in range(3)]

    assert statuses == [503, 503, 503]
    assert len(keys.requests) == 1


def test_known_keys_outlive_the_host(call, keys, settings, monkeypatch):
    call("tick")
    keys.forget_answers()
    monkeypatch.setattr(auth._keys(), "cooldown_duration", 0)

    unknown = call("tick", token=forge.sign(forge.claims(settings), kid="new"))

    assert unknown.status_code == 503
    assert call("tick").status_code == 204


def test_tokens_are_in_no_representation(settings, rf):
    request = rf.post(
        "/", headers={"x-forge-oauth-system": "s3cret", "x-forge-oauth-user": "s3cret"}
    )

    caller = auth._caller(forge.claims(settings), request)

    assert (caller.system_token, caller.user_token) == ("s3cret", "s3cret")
    assert "s3cret" not in repr(caller)
