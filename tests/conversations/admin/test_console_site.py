"""The console's doors: log-in, log-out, and who is let in."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from conversations.models import AuditEvent
from tenants.context import tenant_context
from tests.consoles import PASSWORD, ConsoleClient, admitted, owners_client
from tests.factories import (
    ConversationFactory,
    CustomerFactory,
    MessageFactory,
    ProviderAccountFactory,
    RequestDefaultsFactory,
    SenderFactory,
)

pytestmark = pytest.mark.django_db

LISTS = [
    "/admin/conversations/auditevent/",
    "/admin/conversations/conversation/",
    "/admin/conversations/customer/",
    "/admin/conversations/inboxentry/",
    "/admin/conversations/outboxentry/",
    "/admin/conversations/sender/",
]
FORMS = [
    "/admin/channels/provideraccount/add/",
    "/admin/conversations/sender/add/",
    "/admin/jira_bridge/requestdefaults/add/",
]
PAGES = ["/admin/", "/admin/password_change/", *LISTS, *FORMS]
INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", re.IGNORECASE)


@pytest.mark.parametrize("path", PAGES)
def test_page_opens_for_a_superuser(path):
    MessageFactory()

    response = owners_client().get(path)

    assert response.status_code == 200
    assert "script-src 'self';" in response["Content-Security-Policy"] + ";"


@pytest.mark.parametrize("path", [*PAGES, "/admin/login/"])
def test_page_has_nothing_that_a_strict_policy_refuses(path):
    MessageFactory()
    client = ConsoleClient() if "login" in path else owners_client()

    assert INLINE.findall(client.get(path).content.decode()) == []


@pytest.mark.parametrize(
    "made_by",
    [
        ConversationFactory,
        CustomerFactory,
        ProviderAccountFactory,
        RequestDefaultsFactory,
        SenderFactory,
    ],
)
def test_page_of_one_row_has_nothing_that_a_strict_policy_refuses(made_by):
    options = made_by._meta.model._meta
    path = f"/admin/{options.app_label}/{options.model_name}/{made_by().pk}/change/"

    response = owners_client().get(path)

    assert response.status_code == 200
    assert INLINE.findall(response.content.decode()) == []


@pytest.mark.parametrize("path", PAGES)
def test_page_leads_a_stranger_to_the_login(path):
    response = ConsoleClient().get(path)

    assert response.status_code == 302
    assert response["Location"] == f"/admin/login/?next={path}"


@pytest.mark.parametrize("path", PAGES)
def test_page_is_refused_to_another_sites_user(path, globex):
    with tenant_context(globex):
        theirs = owners_client().cookies[settings.SESSION_COOKIE_NAME].value
    client = ConsoleClient()
    client.cookies[settings.SESSION_COOKIE_NAME] = theirs

    assert client.get(path)["Location"] == f"/admin/login/?next={path}"


def test_same_name_on_another_site_opens_nothing(globex):
    with tenant_context(globex):
        User.objects.create_superuser("ana", password=PASSWORD)

    response = ConsoleClient().post("/admin/login/", {"username": "ana", "password": PASSWORD})

    assert response.status_code == 200


def test_user_who_is_not_staff_is_refused():
    user = User.objects.create_user("marko", password=PASSWORD)
    client = ConsoleClient()
    client.force_login(user)

    assert client.get("/admin/").status_code == 302


def test_staff_user_without_a_role_is_refused():
    user = User.objects.create_user("iva", is_staff=True)

    assert admitted(ConsoleClient(), user).get("/admin/").status_code == 302


def test_navigation_keeps_the_order_of_work():
    response = owners_client().get("/admin/")

    groups = {group["app_label"]: group["models"] for group in response.context["app_list"]}
    assert list(groups) == ["set-up", "day-to-day", "records"]
    assert [page["object_name"] for page in groups["set-up"]][:3] == [
        "ProviderAccount",
        "Sender",
        "AutoReplySettings",
    ]


def test_pages_are_called_after_the_jira_site():
    response = owners_client().get("/admin/")

    assert "OmniChat · acme.atlassian.example" in response.content.decode()


def test_login_is_recorded(settings):
    settings.PASSWORD_ALONE = ["ana"]
    User.objects.create_superuser("ana", password=PASSWORD)

    response = ConsoleClient().post("/admin/login/", {"username": "ana", "password": PASSWORD})

    assert response.status_code == 302
    assert recorded() == [("console.logged-in", "ana", {"source": "127.0.0.1", "via": "password"})]


@pytest.mark.parametrize(
    ("typed", "actor"), [("ana", "ana"), ("a password, in the wrong field", "")]
)
def test_failed_login_is_recorded_without_what_was_typed(typed, actor):
    User.objects.create_superuser("ana", password=PASSWORD)

    ConsoleClient().post("/admin/login/", {"username": typed, "password": "wrong"})

    assert recorded() == [("console.login-failed", actor, {"source": "127.0.0.1"})]


def test_logout_is_recorded():
    client = owners_client()

    client.post("/admin/logout/")

    assert recorded() == [("console.logged-out", "ana", {"source": "127.0.0.1"})]
    assert client.get("/admin/").status_code == 302


def test_password_change_is_recorded():
    client = owners_client()
    new = {"new_password1": "staple battery horse", "new_password2": "staple battery horse"}

    client.post("/admin/password_change/", {"old_password": PASSWORD, **new})

    assert [action for action, *_ in recorded()] == ["console.password-changed"]


@pytest.mark.parametrize("path", LISTS[:-1])
def test_rows_that_only_the_domain_makes_cannot_be_added(path):
    assert owners_client().get(f"{path}add/").status_code == 403


def test_conversation_can_be_neither_changed_nor_deleted():
    conversation = ConversationFactory()
    client = owners_client()
    path = f"/admin/conversations/conversation/{conversation.pk}"

    assert client.post(f"{path}/change/", {"issue_key": "X-1"}).status_code == 403
    assert client.post(f"{path}/delete/", {"post": "yes"}).status_code == 403


def recorded():
    return list(AuditEvent.objects.order_by("pk").values_list("action", "actor", "detail"))
