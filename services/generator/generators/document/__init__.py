"""Documents to send and to keep: invoices, certificates, reports, letters, as PDF."""

from services.generator.generators.document.generator import DocumentGenerator

__all__ = ["DocumentGenerator"]
