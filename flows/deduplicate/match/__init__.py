"""Match: which records are one paper. Features, blocks, compared pairs, clusters."""
