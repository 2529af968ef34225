"""Reports: kinds, sections, cells, review, snapshot."""
