"""A small made-up site, The Ferry Post, to look at and to try things in.

The words stand in `texts/` (an article and the talk under it per file) and `pages/`; who is who in `people.py`; what
was reported, removed, closed and edited in `events.py`. `script.py` reads the texts, `fill.py` and `happen.py` write it
all into a database.
"""
