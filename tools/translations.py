"""`make translations`: collect the messages of pages and code into the catalogues of each language."""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "app" / "web" / "translations"
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "told": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}


def collected() -> Catalog:
    """Every message that pages and code can show."""
    found = Catalog(charset="utf-8")
    for file, line, message, comments, context in extract_from_dir(
        str(ROOT / "app"),
        method_map=METHODS,
        options_map=OPTIONS,
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
    ):
        found.add(message, None, [(f"app/{file}", line)], auto_comments=comments, context=context)
    return found


def catalogue(path: Path) -> Catalog:
    """One language's catalogue, as it stands."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parents[1].name)


def main() -> None:
    """Bring each catalogue up to date: new messages wait without a translation, unused ones are dropped."""
    template = collected()
    for path in sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po")):
        known = catalogue(path)
        known.update(template, no_fuzzy_matching=True)
        known.obsolete.clear()
        text = BytesIO()
        write_po(text, known, width=100, omit_header=False, include_lineno=False, sort_output=True)
        path.write_bytes(text.getvalue())
        waiting = sum(1 for message in known if message.id and not message.string)
        print(f"{path.relative_to(ROOT)}: {len(known)} messages, {waiting} without a translation")


if __name__ == "__main__":
    main()
