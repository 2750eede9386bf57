"""What the wheel holds besides code: the tables that people edit, the learned weights, the card."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = (
    "data/curation",
    "data/models",
    "data/accuracy.csv",
    "dataset_card.md",
    "docs/recipes.md",
)
"""Files and folders that an installed package reads, below ``flows/shipped`` in the wheel."""


class BuildWithData(build_py):
    """Copy what is shipped beside the code that is built; in a checkout it is read where it is."""

    def run(self) -> None:
        """Build the code, then copy what comes with it."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "flows" / "shipped"
        shutil.rmtree(target, ignore_errors=True)
        for name in SHIPPED:
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if Path(name).is_dir():
                shutil.copytree(name, place)
            else:
                shutil.copyfile(name, place)


setup(cmdclass={"build_py": BuildWithData})
