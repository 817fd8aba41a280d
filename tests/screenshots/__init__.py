"""Pictures of every page and state, for people to look at, with what a program can see in them.

`make screenshots` takes them into instance/screenshots; --readme takes the README's over into docs/
"""
