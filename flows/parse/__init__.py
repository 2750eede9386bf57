"""Parse: raw files found, recognised, and read into parts of records and rejections."""
