"""Raw files: how answers of sites are kept, and how files are found, unpacked and cut up."""
