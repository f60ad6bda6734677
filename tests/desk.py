"""A producer at the plan of a show, for the tests: what the page sends, and what it shows."""

import html
import json
from typing import Any

import httpx2

from conftest import Server
from waiting import PATIENCE_S


class Desk:
    """A producer at the plan of one show; `seen` is what the page last saw of it."""

    def __init__(self, server: Server, key: str, show: str, base: str = "") -> None:
        self.http = httpx2.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_S)
        self.show = show
        self.seen = {"version": 0, "base": base}

    def begin(self, **show: Any) -> httpx2.Response:
        return self.http.post("/new", json={"document": {"show": {"id": self.show, **show}}})

    def type(self, document: dict[str, Any], **seen: Any) -> httpx2.Response:
        answer = self.http.put(f"/shows/{self.show}/plan/draft", json={"document": document, **self.seen, **seen})
        if answer.status_code == 200:
            self.seen["version"] = answer.json()["version"]
        return answer

    def publish(self) -> httpx2.Response:
        return self.http.post(f"/shows/{self.show}/plan", json={"version": self.seen["version"]})

    def opened(self) -> Any:
        """What the page begins with."""
        page = self.http.get(f"/shows/{self.show}/plan")
        assert page.status_code == 200, page.text
        return json.loads(html.unescape(page.text.partition('data-opened="')[2].partition('"')[0]))

    def look(self) -> "Desk":
        """Sees what is there."""
        opened = self.opened()
        self.seen = {"version": opened["version"], "base": opened["base"]}
        return self
