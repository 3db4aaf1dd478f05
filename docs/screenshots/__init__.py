"""Pictures of every page, dialog and state of the window; docs/make_screenshots.py takes them."""
