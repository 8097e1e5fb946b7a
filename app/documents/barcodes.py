"""Code 128 and QR codes as vector pictures with the white around them that scanners need."""

import zint

LEVEL_M = 2
"""QR: readable with 15 % of it damaged."""


def code128_svg(text: str) -> str:
    """A Code 128, to be stretched to any height."""
    return _svg(zint.Symbology.CODE128, text)


def gs1_128_svg(sscc: str) -> str:
    """A GS1-128 that says an SSCC, to be stretched to any height."""
    return _svg(zint.Symbology.GS1_128, f"[00]{sscc}")


def gs1_128_width(sscc: str) -> int:
    """How many modules wide the GS1-128 of an SSCC is, without the white beside it."""
    return _symbol(zint.Symbology.GS1_128, f"[00]{sscc}").width


def qr_svg(text: str) -> str:
    """A QR code."""
    return _svg(zint.Symbology.QRCODE, text, option_1=LEVEL_M)


def code128_width(text: str) -> int:
    """How many modules wide a Code 128 is, without the white beside it."""
    return _symbol(zint.Symbology.CODE128, text).width


def qr_width(text: str) -> int:
    """How many modules wide a QR code is, without the white around it."""
    return _symbol(zint.Symbology.QRCODE, text, LEVEL_M).width


def _svg(symbology: zint.Symbology, text: str, option_1: int = -1) -> str:
    symbol = _symbol(symbology, text, option_1)
    symbol.print()
    drawing = symbol.memfile
    if drawing is None:
        raise ValueError(f"no barcode can be made of {text!r}")
    return bytes(drawing).decode()


def _symbol(symbology: zint.Symbology, text: str, option_1: int = -1) -> zint.Symbol:
    symbol = zint.Symbol()
    symbol.symbology, symbol.option_1, symbol.show_text = symbology, option_1, False
    # The name says the format; nothing is written to disk.
    symbol.outfile = "barcode.svg"
    symbol.output_options = zint.OutputOptions.BARCODE_MEMORY_FILE | zint.OutputOptions.BARCODE_QUIET_ZONES
    symbol.encode(text)
    return symbol
