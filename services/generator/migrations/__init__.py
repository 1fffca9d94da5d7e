"""The generator's schema, revision by revision; run by `python -m services.generator migrate`."""
