"""What a report page is made of: its template, style and script, and the readers of what goes in.

    foreign.py    HTML from a notebook's outputs -> HTML that is safe in a sealed page
    story.py      notebook.ipynb -> the sections of the page
    ledger.py     findings.json and sharing.csv -> numbers, their rows, their records

`kit.report` puts them together. Nothing here knows the analysis, or imports any of it.
"""
