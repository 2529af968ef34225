"""Pages over everything: workbench, overview."""
