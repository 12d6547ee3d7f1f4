"""The machine: a scene becomes grey."""
