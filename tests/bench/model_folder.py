"""End a run at each of its changes of the disk, and read the release before each.

Usage: python -m tests.bench.model_folder [STEP]

With STEP only every so manyth change is an end. Ends with the change after which something is lost.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.folder_model import FolderModel
from tests.publication_model import MEMORY


def main() -> None:
    """End at one change after the other."""
    step = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as place:
        model = FolderModel(Path(place))
        print(f"{model.read_at_every_change():,} readers, one before each change, read one release")
        ends = range(0, model.changes, step)
        for change in ends:
            model.end_at(change)
    print(f"{len(ends):,} of {model.changes:,} changes were ends; the next run mended each")
    print(f"{time.process_time():.0f} s")


if __name__ == "__main__":
    main()
