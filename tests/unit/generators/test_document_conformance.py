"""Document keeps the promises of every generator."""

from typing import Any, Final

from services.generator.generators.document import DocumentGenerator
from shared.testing.generator_conformance import GeneratorConformance

INVOICE: Final[dict[str, Any]] = {
    "number": "1",
    "date": "2026-01-01",
    "seller": {"name": "A"},
    "buyer": {"name": "B"},
    "lines": [{"description": "x", "unit_price": 1}],
}
CERTIFICATE: Final[dict[str, Any]] = {"recipient": "Ada 佐藤", "date": "2026-01-01"}
REPORT: Final[dict[str, Any]] = {
    "title": "Small",
    "date": "2026-01-01",
    "sections": [{"heading": "One", "blocks": [{"text": "Text 🚀."}]}],
}
LETTER: Final[dict[str, Any]] = {
    "sender": {"name": "A"},
    "recipient": {"name": "B"},
    "date": "2026-01-01",
    "subject": "Hello",
    "paragraphs": ["Text."],
}


def invoice(**more: Any) -> dict[str, Any]:
    return {"kind": "invoice", "invoice": INVOICE | more}


def report(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    section = {"heading": "One", "blocks": list(blocks)}
    return {"kind": "report", "report": REPORT | {"sections": [section]} | more}


class TestDocument(GeneratorConformance):
    generator = DocumentGenerator
    inputs = (
        DocumentGenerator.example,
        {"kind": "certificate", "certificate": CERTIFICATE, "standard": "pdf-a-2b"},
        {"kind": "report", "report": REPORT, "standard": "pdf-ua-1"},
        {"kind": "letter", "letter": LETTER, "paper": "letter"},
    )
    hostile = (
        {},
        {"kind": "invoice"},
        {"kind": "poster"},
        {"kind": "invoice", "invoice": INVOICE, "letter": LETTER},
        {"kind": "invoice", "invoice": INVOICE, "logo": "/etc/passwd"},
        {"kind": "invoice", "invoice": INVOICE, "logo": "https://example.com/x.png"},
        {"kind": "invoice", "invoice": INVOICE, "logo": "0199c3a0-0000-7000-8000-000000000001"},
        {"kind": "invoice", "invoice": INVOICE, "accent": 'red; #read("x")'},
        {"kind": "invoice", "invoice": INVOICE, "template": '#read("/etc/passwd")'},
        invoice(total=1_000_000),
        invoice(number=""),
        invoice(number="\u200b"),
        invoice(lines=[]),
        invoice(lines=[{"description": "x", "unit_price": 1}] * 501),
        invoice(lines=[{"description": "x", "unit_price": float("nan")}]),
        invoice(lines=[{"description": "x", "unit_price": 1, "tax_rate": -1}]),
        invoice(lines=[{"description": "x" * 501, "unit_price": 1}]),
        invoice(currency="XXX"),
        invoice(date="2026-02-30"),
        invoice(due="2025-12-31"),
        invoice(payment={"iban": "DE89 3704 0044 0532 0130 01"}),
        invoice(payment={"iban": "12345"}),
        invoice(payment={"qr": True}),
        invoice(payment={"iban": "DE89370400440532013000", "qr": True}, currency="USD"),
        invoice(payment={"iban": "DE89370400440532013000", "qr": True}, discount=100),
        report({"type": "image"}),
        report({"type": "table", "rows": [["a"], ["b", "c"]]}),
        report({"type": "bullets", "text": "x"}),
        report({"type": "chart", "chart": {"kind": "bar", "title": "x"}}),
        report(*[{"text": "x" * 10_000}] * 100, {"text": "x"}),
        report({"type": "table", "rows": [["x" * 500] * 12] * 100}),
        report({"type": "table", "rows": [["x"] * 12] * 1000}, {"text": "x" * 10_001}),
        {"kind": "report", "report": REPORT | {"sections": [{"heading": "x", "level": 2}]}},
        {"kind": "certificate", "certificate": CERTIFICATE | {"style": "../../x"}},
        {"kind": "certificate", "certificate": CERTIFICATE | {"signatures": [{"name": "x"}] * 4}},
        {"kind": "letter", "letter": LETTER | {"paragraphs": ["\u202e"]}},
    )
