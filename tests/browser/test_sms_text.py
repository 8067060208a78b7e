"""The counter in Chromium against the table that the server's counter is held to."""

import json
from pathlib import Path

TABLE = Path(__file__).parents[1] / "payloads/sms_text_cases.json"
MEASURE = """
async (texts) => {
  const sms = await import("/static/panel/sms-text.js");
  return texts.map((text) => {
    const { encoding, units, parts, usedInLastPart: used } = sms.measure(text);
    return [encoding, units, parts, used];
  });
}
"""


def test_chromium_counts_as_the_table_says(product, browser):
    cases = [
        case
        for case in json.loads(TABLE.read_text(encoding="utf-8"))["measures"]
        if "national" not in case
    ]
    page = browser.new_page()
    page.goto(f"{product.app}/panel/")

    found = page.evaluate(MEASURE, [written(case["text"]) for case in cases])
    page.close()

    assert found == [
        [case["encoding"], case["units"], case["parts"], case["used"]] for case in cases
    ]
    assert len(found) > 60


def written(text):
    return text if isinstance(text, str) else "".join(run * times for run, times in text)
