"""A tiny shop. Its products have cards, pictures to be shared, which Darkroom makes.

It asks for one when a product is added, and hears by webhook when it is there.
"""
