"""An application with next to nothing in it, to tell what the server and Flask cost by themselves."""

from __future__ import annotations

from flask import Flask, request

app = Flask("bare")
app.add_url_rule("/", "empty", lambda: "ok")
app.add_url_rule("/form", "form", lambda: str(len(request.form)), methods=["POST"])
