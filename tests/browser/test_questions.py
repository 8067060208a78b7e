"""How often a page asks our server: seldom while it idles, and once for many changes."""

from itertools import pairwise
from urllib.parse import urlsplit

from playwright.sync_api import expect

MINUTE = 60_000  # milliseconds
CHANGES = 10
# A stream that lives by the page's own clock; and what the page has asked when.
PAGES_OWN_STREAM = """
const send = window.fetch;
window.asked = [];
window.fetch = (address, ...how) => {
  if (String(address).includes("/stream/")) return Promise.resolve(new Response(pings()));
  const answer = send(address, ...how);
  const what = new URL(address, location.href).pathname.split("/").pop();
  window.asked.push({ what, at: Date.now(), answer });
  return answer;
};
const pings = () => new ReadableStream({
  start: (stream) => {
    setInterval(() => stream.enqueue(new TextEncoder().encode(": \\n\\n")), 15_000);
  },
});
"""
# What was asked is answered, and the page has taken it up.
ANSWERED = """async () => {
  await Promise.allSettled(window.asked.map(({ answer }) => answer));
  const { port1, port2 } = new MessageChannel();
  await new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(0);
  });
}"""


def test_idle_page_asks_once_a_minute(desk, customer):
    clock = desk.page.context.clock
    clock.install()
    desk.page.context.add_init_script(PAGES_OWN_STREAM)
    customer.writes("sms", "Hello")
    desk.open(customer)
    expect(desk.panel).to_have_attribute("data-conn", "live")
    clock.pause_at(desk.frame.evaluate("Date.now() + 1000"))
    pass_time(desk, seconds=30)  # the stream is trusted then
    desk.frame.evaluate("window.asked.length = 0")

    pass_time(desk, seconds=300)

    asked = desk.frame.evaluate("window.asked.map(({ what, at }) => [what, at])")
    updates = [at for what, at in asked if what == "updates"]
    assert len(updates) in {4, 5}
    assert all(later - sooner >= MINUTE for sooner, later in pairwise(updates))
    signs = [what for what, _at in asked if what != "updates"]
    assert set(signs) == {"presence"}
    assert len(signs) <= 5 * 3


def test_many_changes_are_one_question(desk, open_desk, customer):
    customer.writes("sms", "Hello")
    colleague = open_desk(width=480).open(customer, **{"as": "ivan"})
    desk.open(customer)
    expect(desk.panel).to_have_attribute("data-conn", "live")
    held, asked = [], []
    desk.page.context.route("**/updates?*", lambda route, _request: held.append(route))
    desk.page.on("request", lambda request: asked.append(urlsplit(request.url).path))

    texts = [f"Change {number}" for number in range(CHANGES)]
    for text in texts:
        customer.writes("sms", text)
    expect(colleague.row(texts[-1])).to_be_visible()
    (first,) = held
    first.continue_()
    desk.page.context.unroute("**/updates?*")

    expect(desk.inside.locator("#log .text")).to_have_text(["Hello", *texts])
    assert len([path for path in asked if path.endswith("/updates")]) <= 3


def pass_time(desk, *, seconds):
    for _step in range(seconds // 5):
        desk.page.context.clock.run_for(5_000)
        desk.frame.evaluate(ANSWERED)
