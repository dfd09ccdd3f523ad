"""What a report page is made of: its template, style and script, and the readers of what goes in.

    markup.py     HTML as a browser reads it, cut down to allow lists
    drawing.py    SVG with fewer bytes and the same look
    sealed.py     the page's Content-Security-Policy, and map documents with one of their own
    foreign.py    HTML from a notebook's outputs -> HTML that fits into a sealed page
    ledger.py     findings.json and sharing.csv -> numbers, their rows, their records
    story.py      notebook.ipynb -> the sections of the page

`kit.report` puts them together. Nothing here knows the analysis, or imports any of it.
"""
