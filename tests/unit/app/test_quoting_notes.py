"""Every message a quote may carry is explained, and each is given once."""

from pathlib import Path

from app.usecases.quoting_notes import MOST_NOTES, TEXTS, Notes
from app.usecases.quoting_shape import WHY

PAGE = (Path(__file__).parents[3] / "docs" / "quotes.md").read_text(encoding="utf-8")


def test_every_code_stands_on_the_page_of_quotes():
    rows = {line.split("|")[1].strip(" `") for line in PAGE.splitlines() if line.startswith("| `")}
    assert rows == set(TEXTS)
    assert [code for code in WHY if f"`{code}`" not in PAGE] == []


def test_a_message_is_given_once_for_each_channel():
    notes = Notes()
    for channel in ("A", "B", "A", None):
        notes.add("full", channel, departures="1")
    assert [one["channel"] for one in notes.listed()] == [None, "A", "B"]
    assert notes.codes == {"full"}


def test_warnings_come_before_what_is_good_to_know_and_not_too_many_of_either():
    notes = Notes()
    for number in range(2 * MOST_NOTES):
        notes.add("full", f"S{number}", departures="1")
    notes.add("no_sell_tariff", "S-LAST", start="A", end="B")
    listed = notes.listed()
    assert (listed[0]["code"], len(listed)) == ("no_sell_tariff", MOST_NOTES)
    assert listed[0]["text"] == "from A to B there is no price to sell it at"
