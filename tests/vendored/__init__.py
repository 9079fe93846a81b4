"""The files of GraphiQL in server/graphql/vendored: made from npm packages, whose bytes they hold.

`make graphiql` installs the versions of package.json by their lock and writes the files anew; a test compares
the hashes of what is committed, without a network.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
TARGET = HERE.parents[1] / "server" / "graphql" / "vendored"
INDEX = TARGET / "files.json"
LICENCES = TARGET / "LICENCES.txt"

# by their name here: package, and path in it
FILES = {
    "react.js": ("react", "umd/react.production.min.js"),
    "react-dom.js": ("react-dom", "umd/react-dom.production.min.js"),
    "graphiql.js": ("graphiql", "graphiql.min.js"),
    "explorer.js": ("@graphiql/plugin-explorer", "dist/index.umd.js"),
    "graphiql.css": ("graphiql", "graphiql.min.css"),
    "explorer.css": ("@graphiql/plugin-explorer", "dist/style.css"),
}
# fonts are nine tenths of the style sheet; without them the reader's own are used
_FONTS = re.compile(rb"@font-face\s*\{[^}]*\}\s*")


def write() -> None:
    """From node_modules to the files, their hashes and their licences."""
    for old in TARGET.glob("*.gz"):
        old.unlink()
    index = {}
    for name, (package, path) in FILES.items():
        original = (MODULES / package / path).read_bytes()
        content = _FONTS.sub(b"", original) if name.endswith(".css") else original
        (TARGET / f"{name}.gz").write_bytes(gzip.compress(content, 9, mtime=0))
        index[name] = {
            "package": f"{package}@{_described(MODULES / package)['version']}",
            "path": path,
            "original": sha256(original).hexdigest(),
            "sha256": sha256(content).hexdigest(),
        }
    INDEX.write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
    LICENCES.write_text("\n".join(_licences()), encoding="utf-8")


def _licences() -> Iterator[str]:
    """Each text once, under the packages that it is the licence of."""
    names: dict[str, list[str]] = {}
    for package in sorted({*(package for package, _ in FILES.values()), *_bundled()}):
        folder = _folder(package)
        described = _described(folder)
        texts = sorted(path for path in folder.iterdir() if re.match(r"(?i)licen[cs]e", path.name))
        # a package without the text names its licence
        text = texts[0].read_text(encoding="utf-8") if texts else f"Licence: {described['license']}\n"
        names.setdefault(text.strip().replace("\r", ""), []).append(f"{package}@{described['version']}")
    for text, packages in names.items():
        yield f"{'=' * 72}\n{', '.join(packages)}\n{'=' * 72}\n\n{text}\n"


def _bundled() -> set[str]:
    """What is inside graphiql.js and explorer.js."""
    sources = json.loads((MODULES / "graphiql" / "graphiql.min.js.map").read_text(encoding="utf-8"))[
        "sources"
    ]
    found = (re.findall(r"node_modules/((?:@[^/]+/)?[^/]+)", source) for source in sources)
    inside = {names[-1] for names in found if names}
    return {"graphiql-explorer", "@graphiql/react", "@graphiql/toolkit"} | inside


def _folder(package: str) -> Path:
    if (MODULES / package).is_dir():
        return MODULES / package
    return next(MODULES.glob(f"**/node_modules/{package}"))


def _described(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    return found
