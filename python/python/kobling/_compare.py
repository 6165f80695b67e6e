"""All methods of protection side by side: in numbers, and as a map of risk against utility."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from . import _show

#: A comparison has no more panels than are looked at together.
MOST_PANELS = 12

#: How the columns of `protect --compare` are called on the command line.
_COLUMNS = (
    "method",
    "cells",
    "with a figure",
    "% of total",
    "average distance",
    "unsafe",
    "published",
    "exact",
)

_READ_AS = "the more cells have a figure, the larger a point; better is nearer to the lower left"

_LEGEND = (
    "unsafe: figures that the plan's rules find unsafe; published: those of them that have a "
    "figure, which the method changes; exact: where that is by chance the true one.",
    "All of it is measured against true figures: for the linkage unit and the risk owner.",
)


class Comparison(list[dict[str, Any]]):
    """All methods of protection on a plan's tables, side by side: what `compare` gives.

    A list of one dict a method: see `compare`. Shown in a notebook, it is a table for each
    measure, and with the extra ``pictures`` a map of risk against utility, too: the larger a
    point and the nearer to the lower left, the better. It is measured against the true figures, and is for
    the linkage unit and the risk owner.
    """

    __module__ = "kobling"

    def vega_lite(self) -> dict[str, Any]:
        """Give the map of risk against utility as a specification of Vega-Lite's.

        A panel for each measure of each table, up to twelve, and a point for each method. To the
        right: how far its figures are from the true ones on average, in the measure's unit.
        Upwards: of the figures that the plan's rules find unsafe, how many are published and are
        the true ones, in percent. The larger a point, the more cells have a figure.

        Returns
        -------
        dict
            For Vega-Lite 5 and later. It has its data, and needs nothing else.
        """
        panels: dict[str, None] = {}
        points = []
        for method, table, measure in self._measures():
            panel = f"{table}, {measure['measure']}"
            panels[panel] = None
            if len(panels) > MOST_PANELS:
                break
            points.append(_point(method, panel, measure))
        return _specification(points, columns=min(3, len(panels)))

    def to_svg(self) -> str:
        """Draw that map as SVG; needs the extra ``pictures``.

        Returns
        -------
        str

        Raises
        ------
        ImportError
            If vl-convert-python is not installed.
        """
        import vl_convert

        svg: str = vl_convert.vegalite_to_svg(json.dumps(self.vega_lite()))
        return svg

    def to_altair(self) -> Any:
        """Give that map as a chart of altair's, to change it; needs the extra ``pictures``.

        Returns
        -------
        altair.Chart

        Raises
        ------
        ImportError
            If altair is not installed.
        """
        import altair

        return altair.Chart.from_dict(self.vega_lite())

    def _measures(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for method in self:
            for table in method.get("tables", ()):
                for measure in table["measures"]:
                    yield method["method"], table["table"], measure

    def _grids(self) -> dict[str, list[list[str]]]:
        """Of each measure of each table a row for each method."""
        grids: dict[str, list[list[str]]] = {}
        for method, table, measure in self._measures():
            rows = grids.setdefault(f"{table}, {measure['measure']}", [])
            rows.append(
                [
                    method,
                    str(measure["cells"]),
                    str(measure["survived"]),
                    f"{measure['total_percent']:.1f}",
                    _show.short(str(float(measure["average_distance"]))),
                    str(measure["unsafe_cells"]),
                    str(measure["unsafe_published"]),
                    str(measure["unsafe_exact"]),
                ]
            )
        return dict(sorted(grids.items()))

    def _refusals(self) -> list[str]:
        lines = [
            f"{method['method']} does not fit: {method['refused']}"
            for method in self
            if "refused" in method
        ]
        lines += [
            f"{method['method']} does not publish {', '.join(method['left_out'])}"
            for method in self
            if method.get("left_out")
        ]
        return lines

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(method['method'] for method in self)}>"

    def __str__(self) -> str:
        lines = []
        for title, rows in self._grids().items():
            lines += [title, *_show.grid_text(_COLUMNS, rows, right=_RIGHT), ""]
        for refusal in self._refusals():
            lines += [refusal, ""]
        return "\n".join([*lines, *_LEGEND])

    def _repr_html_(self) -> str:
        html = [self._picture()]
        for title, rows in self._grids().items():
            html.append(_show.grid_html(title, _COLUMNS, rows, right=_RIGHT))
        said = [*self._refusals(), *_LEGEND]
        html += [f"<div><small>{escape(note)}</small></div>" for note in said]
        return f"<div>{''.join(html)}</div>"

    def _picture(self) -> str:
        try:
            return f"<div>{self.to_svg()}</div>"
        except ImportError:
            return ""


_RIGHT = frozenset(range(1, len(_COLUMNS)))


def _point(method: str, panel: str, measure: dict[str, Any]) -> dict[str, Any]:
    def percent(part: int, whole: int) -> float:
        return 100 * part / whole if whole else 0.0

    return {
        "method": method,
        "panel": panel,
        "published": percent(measure["survived"], measure["cells"]),
        "risk": percent(measure["unsafe_exact"], measure["unsafe_cells"]),
        "distance": measure["average_distance"],
        "unsafe": measure["unsafe_cells"],
        "exact": measure["unsafe_exact"],
    }


def _specification(points: list[dict[str, Any]], *, columns: int) -> dict[str, Any]:
    highest = max((point["risk"] for point in points), default=0.0)
    encoding = {
        "x": {
            "field": "distance",
            "type": "quantitative",
            "title": "average distance",
            "scale": {"zero": True},
        },
        "y": {
            "field": "risk",
            "type": "quantitative",
            "title": "unsafe figures as they are, %",
            # Next to nothing is to look so.
            "scale": {"domain": [0, max(highest, 10.0)]},
        },
        "color": {"field": "method", "type": "nominal", "title": "method"},
        "shape": {"field": "method", "type": "nominal", "title": "method"},
        "size": {
            "field": "published",
            "type": "quantitative",
            # Short, for a browser's letters may be wider than those it was laid out with.
            "title": "% published",
            "scale": {"domain": [0, 100], "range": [20, 300]},
        },
        "tooltip": [
            {"field": field, "type": "quantitative" if field != "method" else "nominal"}
            for field in ("method", "published", "distance", "risk", "unsafe", "exact")
        ],
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": "Risk against utility", "subtitle": _READ_AS},
        "data": {"values": points},
        "facet": {"field": "panel", "type": "nominal", "title": None},
        "columns": max(columns, 1),
        # A distance is in its measure's unit: those of others say nothing of it.
        "resolve": {"scale": {"x": "independent"}},
        "config": {"legend": {"labelLimit": 300, "titleLimit": 300}},
        "spec": {
            "width": 220,
            "height": 220,
            "mark": {"type": "point", "filled": True, "opacity": 0.7},
            "encoding": encoding,
        },
    }
