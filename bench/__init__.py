"""How long things take: `python -m bench` (or `make bench`)."""
