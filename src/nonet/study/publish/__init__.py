"""What a study leaves for people and programs."""
