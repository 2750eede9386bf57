"""One file per verb: fetch, parse, deduplicate, validate, enrich, publish.

Importing this package switches off the usage reports of Prefect and the Hub client, because
they read their settings when they are first imported and every flow starts from here.
"""

import os

os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("DO_NOT_TRACK", "1")

# Polars gives memory back after half a second, and takes it again for the next rows: pages that
# the system has to clear each time. Ten seconds are longer than from one batch to the next.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:10000,muzzy_decay_ms:10000")

# In memory, the default, a slot that a run held is never given back when the server restarts.
os.environ.setdefault(
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE",
    "prefect.server.concurrency.lease_storage.filesystem",
)

# Events of this project are shown on Prefect's page of the run; elsewhere there is no page.
os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "flows")
os.environ.setdefault("PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW", "ignore")

# Prefect's own server runs on this machine: no proxy has a business on the way to it.
_DIRECT = (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").split(",")
_DIRECT += [] if "*" in _DIRECT else ["127.0.0.1", "localhost", "::1"]
os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(dict.fromkeys(filter(None, _DIRECT)))

# The default of 20 s is too short for the first start on a machine of two busy cores.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")

# On a machine whose cores are busy the server may take more than its usual minute to answer.
os.environ.setdefault("PREFECT_API_REQUEST_TIMEOUT", "300")
