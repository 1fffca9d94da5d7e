"""Text for everything that is set: cleaned, given fonts that can draw it, laid out by Typst.

Used by card, chart, document and video; knows none of them.
"""
