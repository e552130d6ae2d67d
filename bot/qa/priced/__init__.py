"""Questions for a price or a cost that need no case: read, priced over the catalogue, and said with sources."""
