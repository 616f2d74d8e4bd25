"""Accessibility rules, tried in the browser."""

from pathlib import Path

AXE = (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
"""A script that finds what keeps people from using a page: `axe.run()`."""
