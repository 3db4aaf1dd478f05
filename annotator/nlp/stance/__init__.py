"""The stance of an article: cues, and the judgement with its evidence."""
