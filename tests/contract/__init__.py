"""What others rely on, written down and compared.

`python -m tests.contract.write` writes every snapshot, `--check` compares and changes nothing.
"""
