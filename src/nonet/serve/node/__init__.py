"""A node that a PACS can talk to: it receives ultrasound by C-STORE, reads it, and sends the results by C-STORE."""
