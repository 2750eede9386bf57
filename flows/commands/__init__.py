"""The commands of `open-papers`, by what they are about."""
