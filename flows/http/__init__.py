"""The web, asked politely: one request at a time per host, bounded, certificates verified."""
