"""The style sheet and the scripts, from memory: they are few and small, and no path leads to any other file."""

from pathlib import Path

from flask import Flask, Response, abort

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


def add_static_files(app: Flask) -> None:
    """Adds `/static/<filename>`, which `url_for('static', filename=…)` leads to."""
    files = {path.name: (path.read_bytes(), _TYPES[path.suffix]) for path in _FOLDER.iterdir() if path.suffix in _TYPES}

    def static(filename: str) -> Response:
        if filename not in files:
            abort(404)
        content, kind = files[filename]
        return Response(content, content_type=kind)

    app.add_url_rule("/static/<filename>", "static", static)
