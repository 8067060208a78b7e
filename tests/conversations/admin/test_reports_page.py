"""The console's page of reports, and the downloads behind its sections."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conversations.admin import reports
from conversations.failures import REASONS
from conversations.models import AuditEvent, Conversation, Message
from conversations.reports import talks
from logins.roles import Role
from tenants.context import tenant_context
from tests.consoles import client_of, owners_client
from tests.conversations.reporting import answered, ended, named, opened, said, sent
from tests.factories import CustomerFactory, SenderFactory

pytestmark = pytest.mark.django_db
PAGE = "/admin/reports/"
NOTHING = "Nothing in this period."


def busy_week():
    """Something in every section, some of it the week before."""
    now = timezone.now()
    named("ana", "Ana Kovač")
    for days in (1, 1, 2, 8):
        moment = now - timedelta(days=days)
        talk = ended(moment, issue_key=f"SUP-{days}{Conversation.objects.count()}")
        answered(talk, moment + timedelta(minutes=5))
        sent(talk, moment + timedelta(minutes=7), parts=2)
    talk = opened(now - timedelta(days=2), channel="whatsapp", issue_key="HR-7")
    sent(talk, now - timedelta(days=2), state="failed", failure="not-on-whatsapp", author="ivan")


def page(query="", client=None):
    return (client or owners_client()).get(f"{PAGE}?{query}")


def text(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def downloaded(section, query="", client=None):
    response = (client or owners_client()).get(f"{PAGE}{section}.csv?{query}")
    lines = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(lines)))


def test_an_empty_site_has_nothing_in_this_period():
    html = page().content.decode()

    assert NOTHING in html
    assert "<svg class" not in html


def test_page_shows_every_section_of_the_period():
    busy_week()

    html = text(page("period=7").content.decode())

    for words in ("Conversations opened 4 ▲ more by 300%", "Ana Kovač 6 3 3 5 min", "SUP 3 3 0"):
        assert words in html
    assert "this number is not on WhatsApp. 1 100%" in html
    assert "ivan" in html  # whose name nobody has told us
    assert "1 conversation of this period has no answer by a person yet." not in html


def test_unanswered_conversations_are_said():
    opened(timezone.now())

    assert "1 conversation of this period has no answer by a person yet." in text(
        page().content.decode()
    )


def test_no_text_name_or_number_of_a_customer_is_in_a_report():
    busy_week()
    talk = opened(timezone.now(), customer=CustomerFactory(name="Marko Horvat"))
    message = said(talk, timezone.now())
    client = owners_client()

    told = page(client=client).content.decode()
    told += "".join(str(downloaded(section, client=client)) for section in reports.SECTIONS)

    assert Message.objects.get(pk=message.pk).text not in told
    assert "Marko" not in told
    assert message.address.value not in told


@pytest.mark.parametrize("section", list(reports.SECTIONS))
def test_downloads_have_the_figures_of_the_page(section):
    busy_week()
    client = owners_client()

    response = page("period=7", client=client)
    heads, *rows = downloaded(section, "period=7", client=client)

    if section == "summary":
        shown = [(figure.name, figure.value) for figure in response.context["figures"]]
        assert [(row[0], row[1]) for row in rows] == [(name, str(value)) for name, value in shown]
        return
    (on_page,) = [each for each in response.context["sections"] if each.key == section]
    assert heads == on_page.heads
    assert rows == [["" if cell is None else str(cell) for cell in row] for row in on_page.rows]
    html = text(response.content.decode())
    for row in on_page.shown:
        assert " ".join(words for _column, words in row) in html


def test_download_is_recorded_with_its_period():
    today = timezone.localdate().isoformat()

    downloaded("agents", f"first={today}&last={today}&channel=sms")

    event = AuditEvent.objects.get(action="report.exported")
    assert event.actor == "ana"
    told = {name: event.detail[name] for name in ("section", "first", "last")}
    assert told == {"section": "agents", "first": today, "last": today}
    assert event.channel == "sms"


def test_number_of_questions_is_the_same_for_much_and_little():
    client = owners_client()
    sent(opened(timezone.now()), timezone.now())
    page(client=client)
    with CaptureQueriesContext(connection) as few:
        page(client=client)
    busy_week()
    busy_week_again()
    with CaptureQueriesContext(connection) as many:
        page(client=client)

    assert len(many) == len(few)
    assert len(many) < 45


def busy_week_again():
    for number in range(3):
        sender = SenderFactory(number=f"38595100000{number}")
        talk = opened(timezone.now(), issue_key=f"OPS-{number}", sender=sender)
        sent(talk, timezone.now(), author=f"agent-{number}", sender=sender)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("first=2026-11-20&last=2026-11-10", "The last day is before the first. Swap them."),
        ("first=9999-01-01&last=9999-12-31", "Enter a day that is not in the future."),
        ("first=0001-01-01&last=0001-01-02", "Enter a day since 2000."),
        ("first=2001-01-01&last=9999-12-31", "Choose a period of three years or less."),
        ("first=2026-11-20", "Enter both dates: the first day and the last."),
        ("first=yesterday&last=2026-11-20", "Enter a valid date."),
        ("period=fortnight", "Choose one of the periods, or two dates."),
        ("sender=999999", "This is not here any more. Choose another."),
        ("sender=0%20OR%201", "This is not here any more. Choose another."),
        ("agent=%27--", "This is not here any more. Choose another."),
        ("project=%00", "This is not here any more. Choose another."),
        ("channel=pigeon", "This is not here any more. Choose another."),
    ],
)
def test_what_cannot_be_asked_is_said(query, sentence):
    client = owners_client()

    response = page(query, client=client)

    assert response.status_code == 200
    assert sentence in text(response.content.decode())
    assert client.get(f"{PAGE}agents.csv?{query}").status_code == 302
    assert not AuditEvent.objects.filter(action="report.exported").exists()


@pytest.mark.parametrize("period", ["today", "7", "30", "90", "month", "last-month", "year"])
def test_each_named_period_is_shown_as_chosen(period):
    html = page(f"period={period}").content.decode()

    assert html.count('aria-current="true"') >= 1
    assert f'href="?period={period}" aria-current="true"' in html
    assert NOTHING in html


def test_filters_stay_when_another_period_is_chosen():
    html = page("period=7&channel=sms").content.decode()

    assert 'href="?period=30&amp;channel=sms"' in html


def test_unknown_section_is_not_found():
    assert owners_client().get(f"{PAGE}everything.csv").status_code == 404


def test_too_slow_a_report_asks_for_a_shorter_period(monkeypatch):
    monkeypatch.setattr(talks, "OPENED", "SELECT pg_sleep(20)")
    monkeypatch.setattr("conversations.reports.asking.MOST_SECONDS", 0.05)
    client = owners_client()

    assert "Choose a shorter period." in page(client=client).content.decode()
    assert client.get(f"{PAGE}agents.csv").status_code == 302


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_read_reports(role):
    client = client_of("vera", role)

    assert page(client=client).status_code == 200
    assert client.get(f"{PAGE}summary.csv").status_code == 200


def test_nothing_of_another_site_is_shown(globex):
    with tenant_context(globex):
        opened(timezone.now(), issue_key="THEIRS-1")
        named("theirs", "Their Agent")

    html = page().content.decode()

    assert NOTHING in html
    assert "THEIRS" not in html
    assert "Their Agent" not in html


def test_every_reason_has_words_of_its_own():
    now = timezone.now()
    talk = opened(now)
    for kind in REASONS:
        sent(talk, now, state="failed", failure=kind)

    (section,) = [each for each in page().context["sections"] if each.key == "failures"]

    assert {row[0] for row in section.rows} == {str(words) for words in REASONS.values()}
