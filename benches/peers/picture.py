"""The picture: cost of a row against the number of rows, drawn by hand as SVG.

Colours follow the reader's light or dark scheme; the paper is part of the
picture, so that it can be read on any page. Every line is named where it ends
and some are dashed, so that nothing hangs on colour.
"""

from math import log10
from xml.sax.saxutils import escape

from record import best

WIDTH, HEIGHT = 820, 430
LEFT, RIGHT, TOP, BOTTOM = 64, 520, 84, 366
LINE = 17

SHAPES = """
  svg { font: 13px system-ui, sans-serif } .title { font-size: 16px; font-weight: 600 }
  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round } .dashed { stroke-dasharray: 6 5 }
"""

# Each colour against its paper has a contrast of 4.5 and more (WCAG 2.2, 1.4.3).
LIGHT = {
    "paper": "#ffffff", "ink": "#1f2328", "faint": "#59636e", "rule": "#d1d9e0",
    "kobling": "#c2410c", "duckdb": "#1d5fbf", "polars": "#1a7f37",
}  # fmt: skip
DARK = {
    "paper": "#0d1117", "ink": "#f0f6fc", "faint": "#9198a1", "rule": "#3d444d",
    "kobling": "#ff9a5c", "duckdb": "#79b8ff", "polars": "#56d364",
}  # fmt: skip


def colours(of: dict[str, str]) -> str:
    """The rules of one scheme; no variables, which some viewers do not know."""
    rules = [f".{kind} {{ fill: {of[colour]} }}" for kind, colour in
             [("paper", "paper"), ("title", "ink"), ("faint", "faint")]]  # fmt: skip
    rules.append(f".rule {{ stroke: {of['rule']} }}")
    for tool in ["kobling", "duckdb", "polars"]:
        rules.append(f".line.{tool} {{ stroke: {of[tool]} }} .mark.{tool} {{ fill: {of[tool]} }}")
    return "\n  ".join(rules)


# Name, tool, kind of case, whether the peer's rows are sorted.
LINES = [
    ("kobling", "kobling", "at-rest", False),
    ("DuckDB", "DuckDB", "at-rest", False),
    ("polars", "polars", "at-rest", False),
    ("DuckDB, rows sorted", "DuckDB", "at-rest", True),
    ("polars, rows sorted", "polars", "at-rest", True),
    ("kobling, sorting timed", "kobling", "cold", False),
]


def draw(found: dict) -> str:
    """The picture of one record."""
    lines = [(name, tool, points(found, tool, kind, order)) for name, tool, kind, order in LINES]
    lines = [line for line in lines if line[2]]
    sizes = sorted({rows for _, _, line in lines for rows, _ in line})
    step = nice(max(cost for _, _, line in lines for _, cost in line) / 5)
    steps = -(-max(cost for _, _, line in lines for _, cost in line) // step)

    def x(rows: int) -> float:
        low, high = log10(sizes[0]), log10(sizes[-1])
        return LEFT + 30 + (RIGHT - LEFT - 60) * (log10(rows) - low) / ((high - low) or 1)

    def y(cost: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * cost / (step * steps)

    drawn = [
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
        text(24, 32, "Linking two registers: nanoseconds a row", "title"),
        text(24, 53, f"{found['machine']['cores']} cores; less is better; solid: rows at rest; dashed: as named", "faint"),
    ]
    for at in range(int(steps) + 1):
        height = y(at * step)
        drawn.append(f'<line class="rule" x1="{LEFT}" x2="{RIGHT}" y1="{height:.1f}" y2="{height:.1f}"/>')
        drawn.append(text(LEFT - 8, height + 4, f"{at * step:g}", "faint", "end"))
    for rows in sizes:
        drawn.append(text(x(rows), BOTTOM + 22, short(rows), "faint", "middle"))
    drawn.append(text((LEFT + RIGHT) / 2, BOTTOM + 46, "rows of each register", "faint", "middle"))

    for name, tool, line in lines:
        dashed = " dashed" if "," in name else ""
        path = " ".join(f"{x(rows):.1f},{y(cost):.1f}" for rows, cost in line)
        drawn.append(f'<polyline class="line {tool.lower()}{dashed}" points="{path}"/>')
        for rows, cost in line:
            label = f"{name}, {rows:,} rows: {cost:.3g} ns a row"
            drawn.append(
                f'<circle class="mark {tool.lower()}" cx="{x(rows):.1f}" cy="{y(cost):.1f}" r="4.5">'
                f"<title>{escape(label)}</title></circle>"
            )
    # A line is named at the height of its end.
    ends = sorted((y(line[-1][1]), name, tool, line[-1]) for name, tool, line in lines)
    for (_, name, tool, (rows, cost)), height in zip(ends, apart([end[0] for end in ends])):
        where = "" if rows == sizes[-1] else f" (at {short(rows)})"
        drawn.append(text(RIGHT + 8, height + 4, f"{name}: {cost:.3g}{where}", f"mark {tool.lower()}"))
    description = "; ".join(f"{name} {line[-1][1]:.3g} at {short(line[-1][0])} rows" for name, _, line in lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="title told">\n'
        '<title id="title">Cost of linking two registers, in nanoseconds a row</title>\n'
        f'<desc id="told">{escape(description)}</desc>\n<style>{SHAPES}  {colours(LIGHT)}\n  @media (prefers-color-scheme: dark) {{\n  {colours(DARK)}\n  }}\n</style>\n'
        + "\n".join(drawn)
        + "\n</svg>\n"
    )


def points(found: dict, tool: str, kind: str, rows_sorted: bool) -> list[tuple[int, float]]:
    """Rows of each register, and nanoseconds a row."""
    line = []
    for case in found["cases"]:
        result = best(case, tool, rows_sorted)
        if case["kind"] == kind and result and not case["id"].startswith("uneven"):
            line.append((case["rows"] // 2, result["ns_per_row"]))
    return sorted(line)


def apart(heights: list[float]) -> list[float]:
    """Ascending heights, moved down, and then up, until names do not cover each other."""
    moved: list[float] = []
    for height in heights:
        moved.append(max(height, moved[-1] + LINE) if moved else height)
    ceiling = BOTTOM
    for at in reversed(range(len(moved))):
        moved[at] = min(moved[at], ceiling)
        ceiling = moved[at] - LINE
    return moved


def nice(step: float) -> float:
    """The next of 1, 2, 5, 10, 20, …"""
    power = 10.0 ** (len(str(int(step))) - 1) if step >= 1 else 1.0
    return next(power * lead for lead in (1, 2, 5, 10) if power * lead >= step)


def short(rows: int) -> str:
    return f"{rows // 10**6} million" if rows >= 10**6 else f"{rows:,}"


def text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
