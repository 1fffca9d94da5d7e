"""Remote generators, against simulators of their providers."""
