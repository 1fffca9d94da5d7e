"""One module a style: `paint(palette, width, height, detail, seed)` answers sRGB in 0-255."""
