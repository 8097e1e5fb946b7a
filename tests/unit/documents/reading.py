"""Papers read back by other libraries than those that wrote them."""

import pypdfium2
import zxingcpp

MM = 72 / 25.4


class Pdf:
    """A PDF: its pages as text, size in millimetres, and what a scanner sees on them."""

    def __init__(self, content):
        self.document = pypdfium2.PdfDocument(content)
        self.pages = [self.document[number] for number in range(len(self.document))]

    @property
    def texts(self):
        """The words of each page, with single blanks."""
        return [plain(page.get_textpage().get_text_range()) for page in self.pages]

    @property
    def text(self):
        return " ".join(self.texts)

    @property
    def sizes(self):
        return [tuple(round(side / MM, 1) for side in page.get_size()) for page in self.pages]

    def picture(self, page=0, dots_per_inch=203):
        return self.pages[page].render(scale=dots_per_inch / 72).to_pil()

    def codes(self, page=0):
        return codes(self.picture(page))


def codes(picture):
    """(kind, content) of every barcode a scanner finds."""
    return {
        (str(found.format).rpartition(".")[2].replace(" ", ""), found.text)
        for found in zxingcpp.read_barcodes(picture)
    }


def plain(text):
    """With single blanks, and without the places to break that long words are given."""
    return " ".join(text.replace("\u200b", "").replace("\ufffe", "").split())
