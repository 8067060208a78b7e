"""The frame of the console's pages: titles, the way back, who changed it, what is wrong."""

import re
from html import unescape

import pytest
from django.contrib import messages
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils import timezone

from conversations import audit
from conversations.models import AuditEvent
from logins.roles import Role
from tests.consoles import ConsoleClient, client_of, owners_client
from tests.factories import CannedReplyFactory, ConversationFactory, SenderFactory

pytestmark = pytest.mark.django_db

SENDERS = "/admin/conversations/sender/"
AUTO_REPLY = "/admin/conversations/autoreplysettings/"


def page(path, client=None, **more):
    return (client or owners_client()).get(path, follow=True, **more).content.decode()


def words(html):
    """Return what is read, without tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def part(html, name):
    """Return the words of the first element with this class or tag."""
    found = re.search(
        rf'<(\w+)[^>]*(?:class="{name}"|(?<=<{name}))[^>]*>(.*?)</\1>', html, re.DOTALL
    )
    return words(found[2]) if found else ""


def way(html):
    return [word for word in part(html, "breadcrumbs").split(" \u203a ") if word]


def changed(row, *, by, action="settings.changed"):
    audit.record(action, actor_kind=audit.Actor.ADMIN, actor=by, subject=row)


def test_records_are_called_in_the_readers_language():
    html = page("/admin/conversations/customer/", owners_client(HTTP_ACCEPT_LANGUAGE="hr"))

    assert way(html) == ["Pregled", "Korisnici"]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (SENDERS, ["Overview", "Senders"]),
        (f"{SENDERS}add/", ["Overview", "Senders", "Add sender"]),
        (AUTO_REPLY, ["Overview", "Auto-reply"]),
        ("/admin/licence/", ["Overview", "Licence"]),
        ("/admin/", []),
    ],
)
def test_way_back_is_in_words(path, names):
    assert way(page(path)) == names


def test_page_of_a_row_is_called_as_the_row_is():
    sender = SenderFactory(number="385951006719")

    html = page(f"{SENDERS}{sender.pk}/change/")

    assert part(html, "h1") == str(sender)
    assert way(html) == ["Overview", "Senders", str(sender)]


def test_page_that_deletes_is_on_the_way_of_its_row():
    reply = CannedReplyFactory(name="Thanks")

    html = page(f"/admin/conversations/cannedreply/{reply.pk}/delete/")

    assert way(html) == ["Overview", "Canned replies", "Thanks", "Delete"]


def test_settings_of_which_there_is_one_are_called_as_in_the_navigation():
    assert part(page(AUTO_REPLY), "h1") == "Auto-reply"


@pytest.mark.parametrize(
    ("path", "name"), [("/admin/", "Overview"), (SENDERS, "Senders"), (AUTO_REPLY, "Auto-reply")]
)
def test_navigation_marks_the_page_that_is_shown(path, name):
    navigation = re.search(r'<nav id="nav-sidebar".*?</nav>', page(path), re.DOTALL)[0]

    assert re.findall(r'aria-current="page">([^<]*)<', navigation) == [name]


def test_pages_of_a_package_are_no_page():
    response = owners_client().get("/admin/conversations/")

    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_newest_change_is_told_with_a_name():
    sender = SenderFactory()
    User.objects.create_user("712020:ana", first_name="Ana", last_name="Kovač")
    changed(sender, by="712020:mia")
    changed(sender, by="712020:ana")
    changed(sender, by="712020:mia", action="sender.looked-at")

    line = part(page(f"{SENDERS}{sender.pk}/change/"), "console-changed")

    assert line.startswith("Changed by Ana Kovač, ")
    assert f"{timezone.now():%Y}" in line


def test_who_has_no_name_is_told_by_the_user_name():
    sender = SenderFactory()
    changed(sender, by="ops")

    html = page(f"{SENDERS}{sender.pk}/change/")

    assert part(html, "console-changed").startswith("Changed by ops, ")


def test_first_set_up_is_told_in_words():
    sender = SenderFactory()
    changed(sender, by="setup_site")

    html = page(f"{SENDERS}{sender.pk}/change/")

    assert part(html, "console-changed").startswith("Changed by OmniChat's set-up, ")


def test_row_that_nobody_changed_has_no_line():
    sender = SenderFactory()

    assert "console-changed" not in page(f"{SENDERS}{sender.pk}/change/")


@pytest.mark.parametrize(("role", "linked"), [(Role.OWNER, True), (Role.CONFIGURATOR, False)])
def test_history_is_linked_for_who_may_read_the_audit_log(role, linked):
    sender = SenderFactory()
    changed(sender, by="ana")

    html = page(f"{SENDERS}{sender.pk}/change/", client_of("mia", role))

    link = f'"/admin/conversations/auditevent/?subject=sender%3A{sender.pk}"'
    assert (link in html) is linked
    assert "Changed by" in html


def test_history_of_a_row_is_the_audit_log():
    sender = SenderFactory()

    response = owners_client().get(f"{SENDERS}{sender.pk}/history/")

    assert response["Location"] == f"/admin/conversations/auditevent/?subject=sender%3A{sender.pk}"


def test_what_is_wrong_stands_on_top_with_a_link_to_its_field():
    response = owners_client().post(f"{SENDERS}add/", {"channel": "sms", "number": "not a number!"})

    html = response.content.decode()
    summary = re.search(r'<div class="errornote".*?</div>', html, re.DOTALL)[0]
    assert 'role="alert" tabindex="-1" autofocus' in summary
    assert '<a href="#id_number">Number</a>: ' in summary
    assert re.search(r'<input[^>]*value="not a number!"[^>]*>', html)
    assert re.search(r'<input[^>]*aria-describedby="[^"]*id_number_error[^"]*"', html)
    assert 'id="id_number_error"' in html


def test_refused_form_does_not_give_its_first_field_the_focus():
    html = owners_client().post(f"{SENDERS}add/", {"channel": "sms"}).content.decode()

    assert "change_form.js" not in html
    assert "change_form.js" in page(f"{SENDERS}add/")


def test_refusal_stands_above_what_was_done():
    said = [
        messages.storage.base.Message(messages.SUCCESS, "saved."),
        messages.storage.base.Message(messages.ERROR, "the key is refused."),
        messages.storage.base.Message(messages.WARNING, "checked later."),
    ]

    html = render_to_string("admin/messages.html", {"messages": said})

    assert re.findall(r'<li class="(\w+)">([^<]*)</li>', html) == [
        ("error", "The key is refused."),
        ("warning", "Checked later."),
        ("success", "Saved."),
    ]


def test_empty_list_says_what_to_do():
    html = page(SENDERS)

    said = "No senders yet. Add the number your customers will see."
    assert part(html, "console-empty").startswith(said)
    assert f'<a class="button default" href="{SENDERS}add/">Add sender</a>' in html


def test_empty_list_offers_nothing_to_who_may_not():
    html = page(SENDERS, client_of("mia", Role.AUDITOR))

    assert "No senders yet." in html
    assert "Add sender" not in html


def test_list_in_which_nothing_is_found_offers_to_show_all():
    ConversationFactory(issue_key="SUP-1")

    html = page("/admin/conversations/conversation/?q=SUP-2")

    assert part(html, "console-empty") == "Nothing matches. Show all"


def test_chosen_filter_is_named_and_cleared():
    SenderFactory()

    html = page(f"{SENDERS}?channel=whatsapp")

    assert re.search(r"<summary>Channel: <strong>WhatsApp</strong>", html)
    assert "Clear filters" in html
    assert "Clear filters" not in page(SENDERS)


def test_page_has_one_main_button():
    sender = SenderFactory()

    html = page(f"{SENDERS}{sender.pk}/change/")

    row = re.search(r'<div class="submit-row">.*?</div>', html, re.DOTALL)[0]
    assert re.findall(r'value="([^"]*)"', row) == ["Save"]


@pytest.mark.parametrize(
    ("asked", "language"), [("de", "de"), ("hr", "hr"), ("en-US", "en"), ("fr", "en-gb")]
)
def test_page_says_its_language(asked, language):
    html = page("/admin/", headers={"accept-language": asked})

    assert f'<html lang="{language}" dir="ltr">' in html


def test_environment_is_named_where_there_are_several(settings, acme):
    settings.FORGE_ENVIRONMENTS = ["PRODUCTION", "STAGING"]
    acme.installations.create(installation_id="one", environment="STAGING", api_base_url="")

    assert '<span class="console-lozenge info">Staging</span>' in page("/admin/")


def test_production_is_not_named(settings, acme):
    settings.FORGE_ENVIRONMENTS = ["PRODUCTION", "STAGING"]
    acme.installations.create(installation_id="one", environment="PRODUCTION", api_base_url="")

    assert "Production" not in page("/admin/")


def test_stranger_sees_no_pages():
    html = ConsoleClient().get("/admin/login/").content.decode()

    assert "nav-sidebar" not in html
    assert "user-menu" not in html


def test_looking_at_a_page_records_no_change():
    sender = SenderFactory()

    page(f"{SENDERS}{sender.pk}/change/")

    assert AuditEvent.objects.filter(action="settings.changed").count() == 0


def test_guide_is_where_the_settings_say(settings):
    settings.ADMIN_GUIDE_URL = "https://intranet.example.com/omnichat/"

    assert 'href="https://intranet.example.com/omnichat/"' in page(SENDERS)


def test_nothing_chosen_is_said_in_words():
    page = owners_client().get("/admin/conversations/sender/add/").content.decode()

    assert '<option value="" selected>Choose one</option>' in page
    assert "-----" not in page
