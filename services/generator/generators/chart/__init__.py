"""Charts as publishers print them: few ticks, direct labels, a headline that says something."""

from services.generator.generators.chart.generator import ChartGenerator

__all__ = ["ChartGenerator"]
