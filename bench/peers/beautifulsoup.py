"""BeautifulSoup with lxml: puts a tag before </body> of every page.

    python3 beautifulsoup.py FOLDER TAG-FILE
"""

import sys
from pathlib import Path

from bs4 import BeautifulSoup

folder, tag_file = sys.argv[1:]
tag = Path(tag_file).read_text(encoding="utf-8")

for page in Path(folder).rglob("*.html"):
    if page.is_symlink() or not page.is_file():
        continue
    soup = BeautifulSoup(page.read_bytes(), "lxml")
    if soup.body:
        soup.body.append(BeautifulSoup(tag, "html.parser"))
    page.write_bytes(soup.encode())
