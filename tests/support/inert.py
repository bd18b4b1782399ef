"""What people write to break pages, and how to see that a page takes it as text."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

BIDI = "\N{RIGHT-TO-LEFT OVERRIDE}"
SCRIPT = "<script>window.hit=1</script>"
HOSTILE = (
    f'{SCRIPT}"\'><img src=x onerror="window.hit=1"><a href="javascript:window.hit=1">x</a>'
    f"{{{{7*7}}}}</textarea></title>{BIDI}fdp.txt\N{ZERO WIDTH SPACE}\N{LEFT-TO-RIGHT ISOLATE}"
)
"""A script, attributes, a link, ends of elements, a template, and what turns text around."""

LINKS = {"href", "src", "action", "formaction", "hx-post", "hx-get"}
OURS = re.compile(r"/(?![/\\])|[#?]|data:image/svg\+xml")
VOID = {"br", "img", "input", "link", "meta", "hr", "source", "col", "wbr"}
INLINE = {"a", "b", "small", "strong", "em", "span", "code", "time", "label", "button", "kbd"}


@dataclass
class Element:
    """An open element, and the texts that stand on lines of its own."""

    tag: str
    is_apart: bool
    texts: list[tuple[str, bool]] = field(default_factory=list)


@dataclass
class Reading(HTMLParser):
    """A page as a browser takes it apart: what could run, and what turns its surroundings around."""

    sins: list[str] = field(default_factory=list)
    seen: str = ""
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.sins.append("a script that is not ours")
        for name, value in given.items():
            if name.startswith("on") or name == "style":
                self.sins.append(f"{tag} has {name}")
            if name in LINKS and not OURS.match(value or ""):
                self.sins.append(f"{tag} leads to {value}")
        if tag not in VOID:
            is_apart = tag == "bdi" or (tag != "html" and "dir" in given)
            self.open.append(Element(tag, is_apart or given.get("class") == "id"))

    def handle_endtag(self, tag: str) -> None:
        while self.open:
            ended = self.open.pop()
            self._look(ended)
            if ended.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        self.seen += data
        if not data.strip():
            return
        is_apart = False
        for element in reversed(self.open):
            is_apart |= element.is_apart
            if element.tag not in INLINE | {"bdi"}:
                element.texts.append((data.strip(), is_apart))
                return

    def _look(self, block: Element) -> None:
        """What turns text around stands apart, or last on its lines (UAX 9; HTML, 4.5.24)."""
        for text, is_apart in block.texts[:-1]:
            if BIDI in text and not is_apart:
                self.sins.append(f"turns around what is beside it: {block.texts!r}"[:600])


def read_page(text: str) -> str:
    """Return what a page says. Nothing in it runs, or turns around what is ours."""
    reading = Reading()
    reading.feed(text)
    reading.close()
    assert not reading.sins, "\n".join(reading.sins)
    return reading.seen
