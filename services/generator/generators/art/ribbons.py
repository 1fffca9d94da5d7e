"""A ribbon: a line with a width and round ends, and how it is drawn."""

from dataclasses import dataclass

from PIL import ImageDraw

Vertex = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Ribbon:
    """`points` of the middle line, and at each the `headings` (a unit vector)."""

    points: list[Vertex]
    headings: list[Vertex]
    width: float

    def draw(self, canvas: ImageDraw.ImageDraw, scale: float, fill: tuple[int, ...] | int) -> None:
        """Fill it, `scale` pixels a unit."""
        canvas.polygon(self._outline(scale), fill=fill)
        reach = self.width / 2
        for x, y in (self.points[0], self.points[-1]):
            corner = ((x - reach) * scale, (y - reach) * scale)
            canvas.ellipse((*corner, (x + reach) * scale, (y + reach) * scale), fill=fill)

    def _outline(self, scale: float) -> list[Vertex]:
        """Out along one side, back along the other."""
        half = self.width / 2
        pairs = list(zip(self.points, self.headings, strict=True))
        left = [((x - v * half) * scale, (y + u * half) * scale) for (x, y), (u, v) in pairs]
        right = [((x + v * half) * scale, (y - u * half) * scale) for (x, y), (u, v) in pairs]
        return left + right[::-1]
