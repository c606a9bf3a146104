"""Planned versus actual, and the state of every manager's base, in one shared spreadsheet."""

__version__ = "0.1.0"
