"""Every page of the console that a role finds: for everybody, on any screen, in both colours.

The pages are those of the URLconf: a new one is visited without a word here.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import console_rows
from tests.omnichat.console_routes import EXPECTED, LETTERS, routes

# What is no page, or none for who has no authenticator: test_console_login has that.
NO_PAGES = {"export_audit", "import_sample", "reports_csv", "transcript_file"}
NO_PAGES |= {"log_out_everywhere", "recovery_codes"}
PASSWORDS = {"password_change", "password_change_done"}  # who comes from Jira has none
# What an address shows only with more: a chosen entry, another tab, an empty list.
WAYS = {
    "conversations_conversation_change": ["", "?tab=events", "?tab=delivery"],
    "conversations_customer_changelist": ["", "?q=nobody"],
    "conversations_auditevent_changelist": ["", "?q=SUP-999999"],
    "dismiss_quarantined": ["?entry={inboxentry.pk}"],
    "dismiss_failed": ["?entry={outboxentry.pk}"],
}
FORMS = [
    "conversations/sender/add/",
    "conversations/messagetemplate/add/",
    "conversations/cannedreply/add/",
    "conversations/customer/import/",
    "users/invite/",
]
MOVES = """() => [...document.querySelectorAll("*")].filter((each) => {
  const { transitionDuration, animationName, animationDuration } = getComputedStyle(each);
  const long = (times) => times.split(", ").some((time) => parseFloat(time) > 0.01);
  return long(transitionDuration) || (animationName !== "none" && long(animationDuration));
}).map((each) => each.outerHTML.slice(0, 100))"""
CONTENT = "(document.querySelector('main') ?? document.body).innerHTML"
TOKENS = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


@pytest.fixture(scope="module")
def rows(product, browser):
    return console_rows.furnish(product, browser)


@pytest.fixture(scope="module")
def known():
    """The pages that somebody of another role has seen as they are."""
    return set()


@pytest.mark.parametrize("letter", LETTERS)
def test_every_page_is_for_everybody(open_console, product, rows, known, letter):
    console = open_console(LETTERS[letter].value, reduced_motion="reduce")
    if letter == "O":
        console.page.context.clear_cookies()
        console.sign_in(product)  # as the one user here who has a password
    found, reached, wanted = {}, [], pages_of(letter, rows)

    for name, address in wanted:
        answer = console.visit(address)
        if answer.status == 200 and console.path.startswith(address):
            reached.append((name, address))
        content = TOKENS.sub("", console.page.evaluate(CONTENT))
        if content not in known and (faults := console.faults_anywhere()):
            found[f"{name} {address}"] = faults
        known.add(content)

    assert reached == wanted
    assert set(navigation(console)) <= {address for _name, address in wanted}
    assert found == {}


def test_refused_forms_are_for_everybody(open_console):
    console = open_console("owner", reduced_motion="reduce")
    page, found = console.page, {}

    for address in FORMS:
        console.open(address)
        page.locator("main form").evaluate_all("forms => forms.forEach((f) => f.noValidate = true)")
        page.locator("main .submit-row [type=submit]").first.click()
        expect(page.locator(".errornote")).to_be_visible()
        found[address] = console.faults_anywhere()

    assert {address: faults for address, faults in found.items() if faults} == {}


def test_pages_hold_from_right_to_left_and_at_rest(open_console, rows):
    console = open_console("owner", reduced_motion="reduce")
    found = {}

    for address in ("", "conversations/customer/", "users/", "reports/", "my-settings/"):
        page = console.open(address)
        found[address] = page.evaluate(MOVES)
        page.evaluate("document.documentElement.dir = 'rtl'")
        found[f"{address} rtl"] = console.misfits_on_any_screen()

    assert {address: faults for address, faults in found.items() if faults} == {}


def pages_of(letter, rows):
    """Return by name the addresses that a role may see, of rows that there are."""
    missing = NO_PAGES | (PASSWORDS if letter != "O" else set())
    missing |= {route.name for route in routes() if not has_row(route, rows)}
    return [
        (name, route.address(rows) + way.format(**rows))
        for route in routes()
        if (name := route.name) in EXPECTED
        and letter in EXPECTED[name].see
        and name not in missing
        and not name.endswith("_history")  # a part of the audit log
        for way in WAYS.get(name, [""])
    ]


def has_row(route, rows):
    """Whether a row is there: what nobody has set yet has a form, and no row."""
    return "object_id" not in route.arguments or route.pattern.split("/")[2] in rows


def navigation(console):
    return (
        console.open()
        .locator("#nav-sidebar a")
        .evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    )
