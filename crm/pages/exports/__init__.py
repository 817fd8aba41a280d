"""Lists as files: `files.py` writes them, `process.py` makes long ones beside the server."""
