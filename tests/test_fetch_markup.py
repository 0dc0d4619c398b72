"""Reading pages raises where something relied upon is absent, and reads nothing from elsewhere."""

import pytest
from sample_source import page_of

from pipeline.errors import LayoutChanged
from pipeline.fetch import wire
from pipeline.fetch.wire import Wire, json_of

NAMES = {"a": "urn:a"}


def html_page(text: str | bytes, encoding: str | None = "utf-8"):
    return page_of(text, encoding=encoding, content_type="text/html")


def xml_page(text: str | bytes):
    return page_of(text, content_type="application/xml")


def test_absent_markup_names_the_selector_and_the_page() -> None:
    page = html_page("<ul><li>one</ul>")
    tree = wire.html(page)
    assert wire.words(wire.one(page, tree, "li")) == "one"
    with pytest.raises(LayoutChanged, match=r"service\.example.*has no 'span\.count'"):
        wire.one(page, tree, "span.count")
    with pytest.raises(LayoutChanged, match="without 'href'"):
        wire.attribute(page, wire.one(page, tree, "li"), "href")


def test_a_paragraph_inside_a_paragraph_keeps_its_text() -> None:
    page = html_page("<section><p class='abstract'><p>All of it.</p></p></section>")
    assert wire.words(wire.one(page, wire.html(page), "section")) == "All of it."


def test_html_in_another_encoding_than_it_says_is_named() -> None:
    with pytest.raises(LayoutChanged, match="is no text in"):
        wire.html(html_page(b"<p>caf\xe9 \xff\xfe \x81</p>", encoding="utf-8"))


def test_html_is_read_in_the_encoding_it_says() -> None:
    page = html_page("<p>café</p>".encode("latin-1"), encoding="latin-1")
    assert wire.words(wire.html(page)) == "café"


def test_xml_is_read_with_its_names_and_attributes() -> None:
    page = xml_page(
        '<?xml version="1.0" encoding="latin-1"?><f xmlns="urn:a"><e k="1">caf\xe9  x</e></f>'.encode("latin-1")
    )
    root = wire.xml(page)
    assert wire.child_text(page, root, "a:e", NAMES) == "café x"
    assert root.find("a:e", NAMES).get("k") == "1"
    with pytest.raises(LayoutChanged, match="no <a:missing>"):
        wire.child_text(page, root, "a:missing", NAMES)


@pytest.mark.parametrize(
    "text",
    ["<f><e>one</e>", "<f><e>one</f>", "", "{}", "<html><p>Rate exceeded.</html>", "<f>\x01</f>"],
    ids=["cut", "crossed", "empty", "json", "html", "control character"],
)
def test_xml_that_is_cut_short_or_none_at_all_is_named(text) -> None:
    with pytest.raises(LayoutChanged, match="is cut short or no XML"):
        wire.xml(xml_page(text))


def test_xml_with_bytes_that_are_no_text_is_named() -> None:
    with pytest.raises(LayoutChanged, match="no XML"):
        wire.xml(xml_page(b"<f>\xff\xfe\xe9</f>"))


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE f [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE f [<!ENTITY a "ha"><!ENTITY e "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE f SYSTEM "http://127.0.0.1:1/f.dtd">',
    ],
    ids=["outside file", "expansion", "outside type"],
)
def test_xml_with_entities_is_refused_before_anything_is_read(doctype) -> None:
    with pytest.raises(LayoutChanged, match="declares a document type"):
        wire.xml(xml_page(f"<?xml version='1.0'?>{doctype}<f>&e;</f>"))


class _Thing(Wire):
    name: str
    count: int


def test_json_ignores_what_is_unknown_and_names_what_is_missing() -> None:
    assert json_of(page_of({"name": "a", "count": 1, "new": [1]}), _Thing).count == 1
    with pytest.raises(LayoutChanged, match="count: Field required"):
        json_of(page_of({"name": "a"}), _Thing)
    with pytest.raises(LayoutChanged, match=r"1\.count: Input should be a valid integer") as caught:
        json_of(page_of([{"name": "a", "count": 1}, {"name": "a", "count": "s3cret"}]), list[_Thing])
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"name": "a', b'{"name": "\xff", "count": 1}'])
def test_what_is_no_json_is_named(body) -> None:
    with pytest.raises(LayoutChanged, match="Invalid JSON"):
        json_of(page_of(body), _Thing)
