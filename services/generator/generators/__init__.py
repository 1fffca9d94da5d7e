"""The generators that come with Darkroom, a package each, found by their entry points."""
