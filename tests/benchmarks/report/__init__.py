"""What becomes of the numbers: JSON with every round, a table, a plot, a page that shows both."""
