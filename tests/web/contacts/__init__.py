"""The contact pages, as an agent sees and uses them."""
