"""One file per table that Open Papers publishes or passes between its steps."""
