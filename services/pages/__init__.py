"""Pages of scanned files as pictures, drawn where a hostile file can only hurt itself."""
