"""The pages of docs/reference and `.env.example`, made from the code, so that they cannot lie.

`python -m deploy.reference` writes them; with `--check` it says which are out of date.
"""
