"""Tables in and out: files of rows that people keep in spreadsheets, read without trust and written without harm.

``book.read_file`` reads any of them into a book of sheets, ``header.find_header`` says where the names of the
columns stand, ``values`` reads dates, numbers and yes or no from cells, ``writing`` writes CSV and XLSX as a stream.
"""
