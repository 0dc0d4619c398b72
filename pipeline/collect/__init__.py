"""The engine of collecting: due windows, context, drift check, batch, outcome."""
