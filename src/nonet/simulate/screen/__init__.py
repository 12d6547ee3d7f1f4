"""What a machine draws on its screen."""
