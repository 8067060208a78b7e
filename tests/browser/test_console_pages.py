"""Every page of the console that a role finds: for everybody, on any screen, in both colours."""

import pytest

FEWEST = 9  # pages that any role finds
SIZES = {"narrow": 360, "desk": 1280, "wide": 1600}


def addresses(console):
    """Return the pages of the navigation, and of each list its first row's and its form's."""
    console.open()
    links = console.page.eval_on_selector_all(
        "#nav-sidebar a, nav a", "links => links.map((link) => link.getAttribute('href'))"
    )
    found = dict.fromkeys(link for link in links if link.startswith("/admin/"))
    for link in list(found):
        console.page.goto(console.url.removesuffix("/admin/") + link)
        for selector in ("#result_list th a", "#result_list td a", ".object-tools a.addlink"):
            first = console.page.locator(selector).first
            if first.count():
                found.setdefault(first.get_attribute("href"))
    return [link for link in found if link.startswith("/admin/")]


@pytest.mark.browser
@pytest.mark.parametrize("role", ["owner", "configurator", "auditor"])
def test_every_page_is_for_everybody(open_console, talking, role):
    console = open_console(role)
    found, pages = {}, addresses(console)
    assert len(pages) > FEWEST

    for address in pages:
        console.page.goto(console.url.removesuffix("/admin/") + address)
        for colour in ("light", "dark"):
            console.paint(colour)
            for name, width in SIZES.items():
                console.page.set_viewport_size({"width": width, "height": 900})
                if faults := console.faults():
                    found[f"{address} {colour} {name}"] = faults

    assert found == {}
