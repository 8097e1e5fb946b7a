"""A small ZPL II printer: checks what it is sent, and prints it to a picture of one bit a dot."""

import re
from dataclasses import dataclass, field

import zint
from PIL import Image, ImageDraw

COMMAND = re.compile(r"([\^~])([A-Z@][A-Z0-9@])")
SETTINGS = {"CI", "PW", "LL", "LH", "PO", "PQ"}
"""What stands outside of fields."""
ALL_ZERO, ALL_ONE, AGAIN = ",", "!", ":"


@dataclass
class Field:
    """One field: where it is, and its commands with their parameters in order."""

    x: int
    y: int
    commands: dict = field(default_factory=dict)


@dataclass
class Format:
    """One label."""

    settings: dict
    fields: list

    @property
    def size(self):
        return int(self.settings["PW"]), int(self.settings["LL"])

    def data(self, command):
        """The data of every field with a command."""
        return [unescaped(one.commands) for one in self.fields if command in one.commands]

    def picture(self):
        page = Image.new("1", self.size, 1)
        for one in self.fields:
            draw(page, one)
        return page


def read(content):
    """The formats of a file; AssertionError where it is not in order."""
    text = content.decode("ascii")
    assert text.count("^XA") == text.count("^XZ")
    parts = re.findall(r"\^XA(.*?)\^XZ", text, re.DOTALL)
    assert re.sub(r"\^XA.*?\^XZ", "", text, flags=re.DOTALL).strip() == ""
    return [read_format(part) for part in parts]


def read_format(text):
    found = list(COMMAND.finditer(text))
    assert text[: found[0].start()].strip() == ""
    ends = [match.start() for match in found[1:]] + [len(text)]
    settings, fields, current = {}, [], None
    for match, end in zip(found, ends, strict=True):
        name, parameters = match[2], text[match.end() : end].strip("\n")
        assert match[1] == "^", "no control commands are sent"
        if name == "FO":
            assert current is None, "a field begins inside another"
            x, y = parameters.split(",")
            current = Field(int(x), int(y))
        elif name == "FS":
            assert current is not None
            assert parameters == ""
            fields.append(current)
            current = None
        elif current is not None:
            assert name not in current.commands
            current.commands[name] = parameters
        else:
            assert name in SETTINGS, name
            settings[name] = parameters
    assert current is None, "the last field has no end"
    return Format(settings, fields)


def unescaped(commands):
    data = commands["FD"]
    if "FH" in commands:
        data = re.sub(r"_([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), data)
    return data


def draw(page, one):
    pen, commands = ImageDraw.Draw(page), one.commands
    if "GB" in commands:
        w, h, thick = map(int, commands["GB"].split(","))
        pen.rectangle((one.x, one.y, one.x + w - 1, one.y + h - 1), outline=0, width=thick)
    elif "GF" in commands:
        page.paste(0, (one.x, one.y), graphic(commands["GF"]))
    elif "BC" in commands:
        height = int(commands["BC"].split(",")[1])
        bars(page, one, zint.Symbology.CODE128, unescaped(commands), int(commands["BY"]), height)
    elif "BQ" in commands:
        level, content = unescaped(commands).split(",", 1)
        assert level == "MA"
        bars(page, one, zint.Symbology.QRCODE, content, int(commands["BQ"].split(",")[2]), None)
    else:
        assert set(commands) == {"A0", "FB", "FH", "FD"}


def bars(page, one, symbology, content, dots, height):
    symbol = zint.Symbol()
    symbol.symbology, symbol.option_1, symbol.show_text = symbology, 2 if height is None else -1, False
    symbol.output_options = zint.OutputOptions.BARCODE_NO_QUIET_ZONES
    symbol.encode(content)
    symbol.buffer_vector()
    pen, scale = ImageDraw.Draw(page), dots / 2
    for bar in symbol.vector.rectangles:
        x, w = one.x + bar.x * scale, bar.width * scale
        y, h = (one.y, height) if height else (one.y + bar.y * scale, bar.height * scale)
        assert 0 <= x <= x + w <= page.width
        assert y + h <= page.height
        pen.rectangle((x, y, x + w - 1, y + h - 1), fill=0)


def graphic(parameters):
    """The ink of a ^GF field as a mask."""
    kind, sent, total, row_bytes, data = parameters.split(",", 4)
    total, row_bytes = int(total), int(row_bytes)
    assert kind == "A"
    assert int(sent) == total
    assert total % row_bytes == 0
    rows = unpacked(data, row_bytes * 2)
    assert len(rows) == total // row_bytes
    return Image.frombytes("1", (row_bytes * 8, len(rows)), bytes.fromhex("".join(rows)))


def unpacked(data, digits):
    """Rows of hexadecimal from ZPL's compression."""
    rows, row, repeat = [], "", 0
    for character in data:
        if character == AGAIN:
            assert row == ""
            rows.append(rows[-1])
        elif character in (ALL_ZERO, ALL_ONE):
            row = row.ljust(digits, "0" if character == ALL_ZERO else "F")
        elif "G" <= character <= "Y":
            repeat += ord(character) - ord("G") + 1
        elif "g" <= character <= "z":
            repeat += 20 * (ord(character) - ord("g") + 1)
        else:
            row += character * (repeat or 1)
            repeat = 0
        assert len(row) <= digits
        if len(row) == digits:
            rows.append(row)
            row = ""
    assert (row, repeat) == ("", 0)
    return rows
