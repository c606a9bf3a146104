"""Tests of the way to the spreadsheet, over real HTTP on loopback ports."""
