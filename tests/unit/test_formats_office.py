"""Word and OpenDocument texts: paragraphs, tables, properties; what nobody sees stays out."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from annotator.formats import office
from annotator.formats.item import Item
from annotator.model import InputFileError

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:t="http://purl.org/dc/terms/">'
    "<dc:title> A  pact</dc:title>"
    "<dc:creator>Anna</dc:creator><t:created>2024-02-04T10:00:00Z</t:created></cp:coreProperties>"
)
NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("text", "text"), ("table", "table"), ("meta", "meta"))
)
META = (
    f'<office:document-meta {NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>'
    "<dc:title>A pact</dc:title><meta:initial-creator>Anna</meta:initial-creator><dc:creator>Ben</dc:creator>"
    "<meta:creation-date>2024-02-04T10:00:00</meta:creation-date></office:meta></office:document-meta>"
)


def read(path: Path, parts: dict[str, str]) -> Item:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, words in parts.items():
            archive.writestr(name, words)
    (item,) = office.read(path)
    return item


def docx(path: Path, body: str, **more: str) -> Item:
    words = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document xmlns:w="{W}" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<w:body>{body}</w:body></w:document>"
    )
    return read(path, {"word/document.xml": words, **more})


def odt(path: Path, body: str, **more: str) -> Item:
    words = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content {NAMES}><office:body><office:text>'
        f"{body}</office:text></office:body></office:document-content>"
    )
    return read(path, {"content.xml": words, **more})


def test_a_word_text_comes_in_with_its_properties(tmp_path: Path) -> None:
    body = (
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>Title</w:t></w:r></w:p><w:p/>"
        '<w:p><w:r><w:t xml:space="preserve">One 🚀 </w:t></w:r><w:hyperlink><w:r><w:t>'
        "linked</w:t></w:r></w:hyperlink>"
        "<w:ins><w:r><w:t>, new</w:t></w:r></w:ins><w:del><w:r><w:tab/>"
        "<w:delText>, old</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom>"
        "<w:r><w:instrText>PAGE</w:instrText><w:br/><w:t>next</w:t><w:tab/><w:t>tab</w:t>"
        "<w:footnoteReference/><w:endnoteReference/><w:commentReference/></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Year</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r>"
        "<w:t>Trade</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>in all</w:t></w:r></w:p></w:tc></w:tr><w:tr><w:tc><w:p><w:r><w:t>"
        "2022</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:p/></w:tc><w:tc><w:tbl><w:tr><w:tc><w:p><w:r><w:t>in</w:t></w:r></w:p>"
        "</w:tc><w:tc><w:p><w:r>"
        "<w:t>side</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>"
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:t>box</w:t></mc:Choice>"
        "<mc:Fallback><w:t>box</w:t></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    item = docx(tmp_path / "a.docx", body, **{"docProps/core.xml": CORE})
    article = item.record.article
    assert article.text == (
        "Title\n\nOne 🚀 linked, new\nnext\ttab\n\nYear\tTrade in all\n2022\t\tin side\n\nbox"
    )
    # The file's day is that of a template as often as not.
    assert (article.title, article.author, article.published) == ("A pact", "Anna", None)
    assert article.meta == {"file": "a.docx", "file created": "2024-02-04T10:00:00Z"}
    assert item.lost == ("deletions under tracked changes", "footnotes", "endnotes", "comments")


def test_what_nobody_sees_in_a_word_file_and_signs_without_a_letter_are_told(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>One</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>, for the printer</w:t></w:r>"
        "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>, seen</w:t></w:r>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:tab/></w:r>"
        "<w:r><w:sym w:font='Wingdings' w:char='F0E0'/></w:r></w:p>"
    )
    item = docx(tmp_path / "a.docx", body)
    assert item.record.article.text == "One, seen"
    assert item.lost == ("stretches of hidden text", "signs of symbol fonts")


def test_an_open_document_comes_in_with_its_properties(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>old words</text:p>"
        "</text:deletion></text:changed-region></text:tracked-changes>"
        "<text:h>Title</text:h>\n<text:p>One\n <text:span>🚀</text:span><text:s "
        "text:c='3'/>two<text:line-break/>"
        "next<text:tab/>tab<text:note><text:note-body><text:p>below</text:p></text:note-body></text:note>, on"
        "<office:annotation><text:p>a comment</text:p></office:annotation>.</text:p>"
        "<text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p>"
        "</table:table-cell><table:table-cell>"
        "<text:p>b</text:p></table:table-cell></table:table-row><table:table-row>"
        "<table:table-cell><text:p>1</text:p>"
        "</table:table-cell></table:table-row></table:table><text:p/><text:p>Last.<text:note "
        "text:note-class='endnote'><text:note-body><text:p>end</text:p></text:note-body></text:note></text:p>"
    )
    item = odt(tmp_path / "a.odt", body, **{"meta.xml": META})
    article = item.record.article
    assert article.text == "Title\n\nOne 🚀   two\nnext\ttab, on.\n\nitem\n\na\tb\n1\n\nLast."
    assert (article.title, article.author, article.published) == ("A pact", "Anna", None)
    assert article.meta == {"file": "a.odt", "file created": "2024-02-04T10:00:00"}
    assert item.lost == ("deletions under tracked changes", "footnotes", "comments", "endnotes")


def test_soft_hyphens_and_ligatures_are_mended_and_counted(tmp_path: Path) -> None:
    words = "The govern\u00adment\u2019s o\ufb03cial \ufb02ag"
    for item in (
        docx(tmp_path / "a.docx", f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"),
        odt(tmp_path / "a.odt", f"<text:p>{words}</text:p>"),
    ):
        article = item.record.article
        assert article.text == "The government\u2019s official flag"
        assert {**article.meta, "file": ""} == {"file": "", "hyphens mended": 1, "ligatures mended": 2}


def test_without_properties_the_first_line_is_the_title(tmp_path: Path) -> None:
    article = docx(tmp_path / "a.docx", "<w:p><w:r><w:t>A pact</w:t></w:r></w:p>").record.article
    assert (article.title, article.author, article.published) == ("A pact", None, None)


def test_what_cannot_be_read_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.docx"
    with pytest.raises(InputFileError, match=r"has no text \(are its pages pictures"):
        docx(path, "<w:p/>")
    with pytest.raises(InputFileError, match=r"is damaged: word/document\.xml"):
        read(path, {"word/document.xml": "<w:document>"})
    with pytest.raises(InputFileError, match=r"Save it anew as \.docx or \.odt"):
        read(path, {"word/other.xml": "<a/>"})
    with pytest.raises(InputFileError, match="protected by a password"):
        odt(tmp_path / "a.odt", "x", **{"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"})
    docx(path, "<w:p><w:r><w:t>Words</w:t></w:r></w:p>")
    locked = bytearray(path.read_bytes())  # as an archiver with a password leaves it
    for head in re.finditer(rb"PK\x01\x02", bytes(locked)):
        locked[head.start() + 8] |= 1
    path.write_bytes(locked)
    with pytest.raises(InputFileError, match=r"is protected by a password\. Save it without one"):
        list(office.read(path))
    monkeypatch.setattr(office, "_LARGEST_PART", 1000)
    with pytest.raises(InputFileError, match="holds more than 1,000 bytes"):
        docx(path, "<w:p><w:r><w:t>" + "word " * 500 + "</w:t></w:r></w:p>")


def test_a_part_whose_bytes_are_damaged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    docx(path, "<w:p><w:r><w:t>" + "words of a text " * 100 + "</w:t></w:r></w:p>")
    data = bytearray(path.read_bytes())
    data[60:90] = b"\xff" * 30
    path.write_bytes(data)
    with pytest.raises(InputFileError, match="is damaged"):
        list(office.read(path))


def test_deeply_nested_texts_end_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="is damaged"):
        docx(tmp_path / "a.docx", "<w:p>" * 5000 + "</w:p>" * 5000)
