"""The browser's counter against the table that the server's counter is held to."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "conversations/static/panel/sms-text.js"
TABLE = ROOT / "tests/payloads/sms_text_cases.json"
NODE = shutil.which("node")
RUNNER = """
import { readFileSync } from "node:fs";
import * as sms from "./sms-text.mjs";

const table = JSON.parse(readFileSync(process.argv[2], "utf8"));
const out = (text) => typeof text === "string"
  ? text : text.map(([run, times]) => run.repeat(times)).join("");
const units = (text, encoding) => sms.measure(encoding === "UCS2" ? text + "\\u0161" : text).units
  - (encoding === "UCS2" ? 1 : 0);

const measures = table.measures.filter((one) => !one.national).map((one) => {
  const text = out(one.text);
  const size = sms.measure(text);
  const parts = sms.split(text);
  const counter = sms.counter(text);
  return {
    name: one.name, encoding: size.encoding, units: size.units, parts: size.parts,
    used: size.usedInLastPart, capacity: size.capacityOfAPart, unicode: size.unicodeCharacters,
    cuts: parts.map((part) => units(part, size.encoding)),
    joined: parts.join("") === sms.normalise(text),
    counter: [counter.parts, counter.used, counter.capacity, counter.characters, counter.limit],
  };
});
const lookAlikes = table.look_alikes.map((one) => {
  const saving = sms.lookAlikeSaving(out(one.text));
  return {
    name: one.name, plain: sms.plain(out(one.text)) === out(one.plain),
    saved: saving?.partsSaved ?? 0, replaced: saving?.replaced ?? [],
  };
});
const refusals = table.refusals.map((one) => (
  { name: one.name, problem: sms.refusal(out(one.text), one.limit) }
));
console.log(JSON.stringify({ measures, lookAlikes, refusals }));
"""

pytestmark = pytest.mark.skipif(NODE is None, reason="no node here; Chromium runs the same table")


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sms-text")
    shutil.copy(SOURCE, folder / "sms-text.mjs")
    (folder / "runner.mjs").write_text(RUNNER, encoding="utf-8")
    command = [NODE, folder / "runner.mjs", TABLE]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)  # noqa: S603
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def table():
    return json.loads(TABLE.read_text(encoding="utf-8"))


def test_browser_measures_as_the_table_says(answers, table):
    keys = ("name", "encoding", "units", "parts", "used", "capacity")
    cases = [case for case in table["measures"] if "national" not in case]

    expected = [
        {**{key: case[key] for key in keys}, "unicode": case.get("unicode", [])} for case in cases
    ]

    assert [
        {key: one[key] for key in (*keys, "unicode")} for one in answers["measures"]
    ] == expected


def test_browser_cuts_as_the_table_says(answers, table):
    expected = {case["name"]: case["cuts"] for case in table["measures"] if "cuts" in case}

    found = {one["name"]: one["cuts"] for one in answers["measures"] if one["name"] in expected}

    assert all(one["joined"] for one in answers["measures"])
    assert found == {name: expected[name] for name in found}
    assert len(found) > 10


def test_browser_counter_shows_the_measure(answers):
    shown = [one["counter"] for one in answers["measures"]]

    assert shown == [
        [one["parts"], one["used"], one["capacity"], one["units"], 1000]
        for one in answers["measures"]
    ]


def test_browser_offers_the_same_look_alikes(answers, table):
    expected = [
        {
            "name": case["name"],
            "plain": True,
            "saved": case.get("saved", 0),
            "replaced": case.get("replaced", []),
        }
        for case in table["look_alikes"]
    ]

    assert answers["lookAlikes"] == expected


def test_browser_refuses_the_same_texts(answers, table):
    expected = [{"name": case["name"], "problem": case["problem"]} for case in table["refusals"]]

    assert answers["refusals"] == expected
