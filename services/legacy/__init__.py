"""Dossiers and their history from earlier systems: files in, silent rows out, and all of it undone as a whole.

``source`` opens a file, ``mapping`` says which column is what, ``rows`` reads a line, ``directory`` finds departments,
procedures and people, ``dossiers`` and ``steps`` write, ``batches`` runs it in chunks, ``undoing`` takes it back.
"""
