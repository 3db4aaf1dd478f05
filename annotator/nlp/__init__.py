"""Suggestions: everything that needs spaCy.

Importing this package, :mod:`annotator.nlp.protocol` or :mod:`annotator.nlp.models` does not import
spaCy (a second or two); :mod:`annotator.nlp.pipeline` does.
"""
