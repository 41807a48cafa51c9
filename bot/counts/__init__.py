"""Counts without people: how often something happened in a week, never who, when or in which order."""
