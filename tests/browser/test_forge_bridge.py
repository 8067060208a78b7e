"""What the sandbox's stand-in for Forge gives the app's frames: dialogs, tabs, news, data."""

import pytest
from playwright.sync_api import expect

OPEN_DIALOG = """async () => {
  const { Modal } = await import("@forge/bridge");
  window.answer = new Promise((onClose) =>
    new Modal({ size: "large", context: { template: "7" }, onClose }).open());
}"""
CONTEXT = """async () => (await (await import("@forge/bridge")).view.getContext()).extension"""
CLOSE = """async () => (await import("@forge/bridge")).view.close({ chosen: "7" })"""
LISTEN = """async () => {
  const { events } = await import("@forge/bridge");
  window.news = [];
  await events.on("JIRA_ISSUE_CHANGED", (payload) => window.news.push(payload));
}"""
ASK = """async (key) => {
  const { default: api, route } = await import("@forge/api");
  const path = route`/rest/api/3/issue/${key}/properties/${"omnichat"}`;
  return (await api.asApp().requestJira(path)).status;
}"""


@pytest.fixture
def opened(desk, customer):
    customer.writes("sms", "Hello")
    return desk.open(customer)


def dialog_frame(desk):
    expect(desk.page.locator("dialog.modal iframe")).to_be_visible()
    frame = desk.page.locator("dialog.modal iframe").element_handle().content_frame()
    frame.wait_for_url("**/forge/shell/**")  # which is when the bridge stands
    return frame


def test_dialog_knows_what_it_is_for_and_says_what_was_chosen(opened):
    opened.shell.evaluate(OPEN_DIALOG)
    inside = dialog_frame(opened)

    extension = inside.evaluate(CONTEXT)
    assert extension["modal"] == {"template": "7"}
    assert extension["issue"]["key"] == opened.key

    inside.evaluate(CLOSE)
    assert opened.shell.evaluate("() => window.answer") == {"chosen": "7"}
    expect(opened.page.locator("dialog.modal")).to_have_count(0)


def test_escape_closes_a_dialog_with_nothing_chosen(opened):
    opened.shell.evaluate(OPEN_DIALOG)
    dialog_frame(opened)

    opened.page.keyboard.press("Escape")

    expect(opened.page.locator("dialog.modal")).to_have_count(0)
    assert opened.shell.evaluate("() => window.answer") is None


def test_app_opens_a_tab(opened, product):
    with opened.page.context.expect_page() as tab:
        opened.shell.evaluate(
            """async (url) => (await import("@forge/bridge")).router.open(url)""",
            f"{product.jira}/admin",
        )

    assert tab.value.url == f"{product.jira}/admin"
    assert tab.value.evaluate("() => window.opener") is None


def test_news_come_of_others_only(opened, product):
    opened.shell.evaluate(LISTEN)
    opened.page.locator("#status").select_option("In progress")
    expect(opened.page.locator("#status")).to_have_value("In progress")

    product.move(opened.key, "Waiting for customer", by="ivan")
    opened.shell.wait_for_function("() => window.news.length")

    (news,) = opened.shell.evaluate("() => window.news")
    assert [change["changeType"] for change in news["changes"]] == ["updated"]


@pytest.mark.parametrize(("key", "status"), [("", 200), ("SUP-1/../..", 404)])
def test_functions_of_the_app_ask_jira(opened, key, status):
    assert opened.shell.evaluate(ASK, key or opened.key) == status
