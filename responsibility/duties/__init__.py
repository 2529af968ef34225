"""The duty catalogue and yearly assignments."""
