"""The document generator: data into a template of ours, one PDF and a picture of its first page."""

from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar

from services.generator.generators.document.inputs import DocumentInput
from shared.generators import AssetFile, Generator, GeneratorContext, Limits, Role
from shared.generators.needs import lacks_packages


class DocumentGenerator(Generator[DocumentInput]):
    """Invoices whose sums are right, certificates, reports and letters."""

    name: ClassVar[str] = "document"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = (
        "Invoices, certificates, reports and letters as PDF, PDF/A or accessible PDF."
    )
    input_model: ClassVar[type[DocumentInput]] = DocumentInput
    media_types: ClassVar[tuple[str, ...]] = ("application/pdf",)
    example: ClassVar[dict[str, Any]] = {
        "kind": "invoice",
        "invoice": {
            "number": "2026-0117",
            "date": "2026-03-02",
            "due": "2026-03-16",
            "seller": {
                "name": "Northwind GmbH",
                "address": ["Hafenstraße 12", "20457 Hamburg", "Germany"],
                "tax_id": "DE123456789",
                "email": "billing@northwind.dev",
            },
            "buyer": {"name": "Contoso Ltd", "address": ["1 Harbour Way", "London E14 9GE"]},
            "lines": [
                {
                    "description": "Design of the website",
                    "quantity": 12.5,
                    "unit": "h",
                    "unit_price": 95,
                    "tax_rate": 19,
                },
                {
                    "description": "Printed handbook",
                    "quantity": 40,
                    "unit_price": 8.9,
                    "tax_rate": 7,
                },
            ],
            "payment": {
                "terms": "Please pay within 14 days.",
                "iban": "DE89 3704 0044 0532 0130 00",
                "qr": True,
            },
        },
    }
    limits: ClassVar[Limits] = Limits(
        wall_clock=timedelta(seconds=90),
        memory_bytes=3 * 1024**3,
        output_bytes=64 * 1024**2,
        resident_bytes=512 * 1024**2,
    )

    @classmethod
    def unavailable(cls) -> str | None:
        return lacks_packages("pypdfium2", "segno", extra="document")

    async def generate(self, input: DocumentInput, context: GeneratorContext) -> list[AssetFile]:
        """One PDF, and its first page as PNG.

        Raises `InvalidInputError` for a picture that cannot be read.
        """
        # Announcing a generator imports this module: what sets is loaded by who sets.
        from services.generator.generators.document import setting  # noqa: PLC0415

        started = perf_counter()
        await context.progress(5, "Gathering")
        desk = setting.Desk(input, context)
        gathered = perf_counter()
        await context.progress(30, "Setting")
        pdf = desk.pdf()
        typeset = perf_counter()
        await context.progress(80, "Drawing the first page")
        picture = setting.preview(pdf)
        provenance = desk.provenance | {
            "pages": setting.pages(pdf),
            "stages": {
                "gathering": round(gathered - started, 4),
                "setting": round(typeset - gathered, 4),
                "preview": round(perf_counter() - typeset, 4),
            },
        }
        return [
            _kept(context.scratch / f"{input.kind}.pdf", pdf, Role.PRIMARY, provenance),
            _kept(context.scratch / "preview.png", picture, Role.PREVIEW, provenance),
        ]


def _kept(path: Path, body: bytes, role: Role, provenance: dict[str, Any]) -> AssetFile:
    path.write_bytes(body)
    return AssetFile(path, role, path.name, provenance)
