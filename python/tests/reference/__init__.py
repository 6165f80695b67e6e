"""The formats of kobling as `FORMATS.md` says them, in Python alone, a file for each of its sections.

Written from that page, and not from kobling's code: that the two agree is what makes the
formats ones that others can implement. Needs the standard library, and pyarrow for extracts.
"""
