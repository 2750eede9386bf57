"""Sources' shared readers: what more than one source needs, and no source owns."""
