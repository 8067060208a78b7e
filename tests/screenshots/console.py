"""Pictures of the console's pages, for the guide for admins: a busy site, a new one, operators."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import expect

from tests.screenshots.office import Office

WIDTH = 1280
SHORTEST = 800  # with the whole navigation
TALLEST = 980  # CSS pixels: what comes below is told in words
OPTIONS = {"viewport": {"width": WIDTH, "height": TALLEST}, "device_scale_factor": 1.25}
# Whoever reads the guide has the product, Jira and Infobip on hosts of their own.
ADDRESSES = """() => {
  for (const field of document.querySelectorAll("input:not([type=hidden])")) {
    field.value = field.value
      .replace(/^http:\\/\\/127\\.0\\.0\\.1:\\d+\\/hooks/, "https://omnichat.example.com/hooks")
      .replace(/^http:\\/\\/127\\.0\\.0\\.1:\\d+$/, "https://abc12.api.infobip.com");
  }
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    texts.currentNode.data = texts.currentNode.data
      .replace(/localhost:\\d+/, "demo.atlassian.net").replace("127.0.0.1", "203.0.113.7");
  }
}"""


@dataclass(frozen=True)
class Shot:
    """A page, what is done there before the picture, and how much of it is shown."""

    address: str = ""
    play: Callable[[object], object] = lambda page: None
    tallest: int = TALLEST


def transcript(tab=""):
    def play(page):
        page.get_by_role("searchbox").fill("Marko Horvat")
        page.get_by_role("searchbox").press("Enter")
        page.locator("#result_list tbody th a, #result_list tbody td a").first.click()
        expect(page.locator("#log, table").first).to_be_visible()
        if tab:
            page.get_by_role("link", name=tab, exact=True).click()

    return play


def customer(page):
    page.get_by_role("link", name="Luka Novak").first.click()
    expect(page.get_by_role("heading", name="Numbers and consent")).to_be_visible()


def deleting(page):
    page.get_by_role("link", name="Emily Carter").first.click()
    page.get_by_role("link", name="Delete number").first.click()
    expect(page.get_by_label("Reason")).to_be_visible()


def site(page):
    page.get_by_role("link", name="demo", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("demo")


EVERY_PAGE = {
    "overview": Shot(tallest=1240),
    "provider-account": Shot("channels/provideraccount/", tallest=1500),
    "senders": Shot("conversations/sender/"),
    "auto-reply": Shot("conversations/autoreplysettings/"),
    "request-defaults": Shot("jira_bridge/requestdefaults/"),
    "templates": Shot("conversations/messagetemplate/"),
    "canned-replies": Shot("conversations/cannedreply/"),
    "customers": Shot("conversations/customer/", tallest=760),
    "customer": Shot("conversations/customer/", customer),
    "delete-number": Shot("conversations/customer/", deleting),
    "conversations": Shot("conversations/conversation/", tallest=760),
    "transcript": Shot("conversations/conversation/", transcript(), tallest=1200),
    "transcript-delivery": Shot("conversations/conversation/", transcript("Delivery")),
    "transcript-events": Shot("conversations/conversation/", transcript("Events")),
    "audit-log": Shot("conversations/auditevent/"),
    "quarantine": Shot("conversations/inboxentry/"),
    "waiting-and-failed": Shot("conversations/outboxentry/"),
    "reports": Shot("reports/?period=7", tallest=1300),
    "users": Shot("users/"),
    "my-settings": Shot("my-settings/"),
    "licence": Shot("licence/"),
}

SECOND_STEP, NEW = "second-step", "overview-new"
OPERATORS = {"operators-sites": Shot(), "operators-site": Shot(play=site, tallest=1100)}
PICTURES = (*EVERY_PAGE, SECOND_STEP, *OPERATORS, NEW)


def take(run, browser, wanted, keep):
    """Hand each picture that is wanted to `keep`, with its name and colour."""
    office = Office(run, browser, OPTIONS)
    office.furnish()
    for name in sorted(wanted, key=PICTURES.index):  # a new site is another one to operators
        page, tallest = _opened(office, name)
        page.evaluate(ADDRESSES)
        for colour in ("light", "dark"):
            page.emulate_media(color_scheme=colour)
            keep(_picture(page, tallest), "console", name, colour)
        if page is not office.ana.page:
            page.context.close()


def _opened(office, name):
    if name == SECOND_STEP:
        return office.follow(office.invitation), TALLEST
    if name in OPERATORS:
        console, shot = office.operator(), OPERATORS[name]
    elif name == NEW:
        console, shot = office.empty(), Shot()
    else:
        console, shot = office.ana, EVERY_PAGE[name]
    page = console.open(shot.address)
    shot.play(page)
    return page, shot.tallest


def _picture(page, tallest):
    """As tall as the page, unless that is more than a reader wants to scroll."""
    page.set_viewport_size({"width": WIDTH, "height": 400})
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": WIDTH, "height": min(max(height, SHORTEST), tallest)})
    page.mouse.move(0, 0)
    return page.screenshot(animations="disabled")
