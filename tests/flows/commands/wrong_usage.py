"""Give commands to the command line, in a process of their own, and note what each took.

Reads a JSON list of commands from standard input; writes one row per command: its exit code, what
it printed, the seconds of this processor that it took, and whether Prefect was imported by then.
"""

import json
import sys
import time

from typer.testing import CliRunner

from flows.__main__ import app

if __name__ == "__main__":
    rows = []
    for arguments in json.load(sys.stdin):
        began = time.process_time()
        done = CliRunner(env={"COLUMNS": "500", "TERM": "dumb"}).invoke(app, arguments)
        seconds = time.process_time() - began
        rows.append((done.exit_code, done.output, seconds, "prefect" in sys.modules))
    json.dump(rows, sys.stdout)
