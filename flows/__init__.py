"""One file per verb: fetch, parse, deduplicate, validate, enrich, publish.

Importing this package switches off the usage reports of Prefect and the Hub client, because
they read their settings when they are first imported and every flow starts from here.
"""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
"""The folder that holds ``flows/``, ``schemas/``, ``data/`` and ``dataset_card.md``."""

os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("DO_NOT_TRACK", "1")

# The default of 20 s is too short for the first start on a machine of two busy cores.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
