"""What all pages share: the login guard, layout, headers, words and lines of calls, the server."""
