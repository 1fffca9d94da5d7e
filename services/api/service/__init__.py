"""What the api does, in terms of nobody's framework.

Neighbours: routes/ and subscribers.py call it, the unit of work gives it the database.
"""
