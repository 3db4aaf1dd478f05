"""Annotator: label news articles with entities and stances, on your own machine."""

__version__ = "0.1.0"
