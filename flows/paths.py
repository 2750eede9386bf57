"""Paths: where the project lies, and the folders that commands use unless others are named."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
"""The folder that holds ``flows/``, ``schemas/``, ``data/`` and ``dataset_card.md``."""
