"""Reports in the browser: on small and large screens, in both colours, by keyboard, downloaded."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def reports(open_console, talking):
    """Somebody has written just now; an auditor looks at the figures of today."""
    console = open_console("auditor")
    console.open("reports/?period=today")
    return console


def test_report_is_for_everybody(reports):
    for table in reports.page.locator("details.chart-table").all():
        table.locator("summary").click()

    assert reports.faults_anywhere() == {}
    assert reports.page.locator("svg[role=img]").count() > 3


def test_table_behind_a_chart_is_reached_by_keyboard(reports):
    page = reports.page
    summary = page.locator("section", has_text="Messages in and out").locator("summary")
    table = page.locator("section", has_text="Messages in and out").locator("table")
    assert not table.is_visible()

    page.locator("section", has_text="Messages in and out").locator("a.button").focus()
    page.keyboard.press("Tab")
    assert summary.evaluate("summary => summary === document.activeElement")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert table.is_visible()
    assert "Messages" in page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-labelledby')).textContent"
    )


def test_figures_are_downloaded(reports):
    page = reports.page
    section = page.locator("section[aria-labelledby=report-messages]")

    with page.expect_download() as download:
        section.locator("a.button").click()

    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    (_heads, (_day, received, _sent)) = csv.reader(text.splitlines())
    assert int(received) >= 1
    assert download.value.suggested_filename.startswith("report-messages-")


def test_dates_are_chosen_and_kept_when_refused(reports):
    page = reports.page
    page.fill("[name=first]", "2026-11-20")
    page.fill("[name=last]", "2026-11-10")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_text("The last day is before the first. Swap them.").first).to_be_visible()
    assert page.input_value("[name=first]") == "2026-11-20"
    assert reports.faults() == []
