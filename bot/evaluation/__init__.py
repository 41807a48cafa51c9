"""How well Signpost understands: held-apart messages, measures, floors, and a report that anybody can read."""
