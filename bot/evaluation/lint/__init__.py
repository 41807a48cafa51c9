"""The linter of the curated data: what is wrong with the lines and sentences that people write, each finding with its place."""
