"""A record as a page of Markdown: medians, ratios, versions, bias."""

from cases import TOO_FEW_BITS


def best(case: dict, tool: str, rows_sorted: bool | None = None) -> dict | None:
    """The fastest variant of a tool that gives its rows enough bits of a name.

    Of those whose rows are sorted, or are not, if that is asked.
    """
    fit = [
        result
        for result in case["results"]
        if result["tool"] == tool
        and "median" in result
        and not result["variant"].startswith(TOO_FEW_BITS)
        and (tool == "kobling" or rows_sorted in (None, "sorted" in result["variant"].split(", ")))
    ]
    return min(fit, key=lambda result: result["median"], default=None)


def duration(seconds: float) -> str:
    """Three digits that mean something."""
    if seconds < 0.1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.0f} s" if seconds >= 100 else f"{seconds:.3g} s"


def each(nanoseconds: float) -> str:
    """A cost per row."""
    return f"{nanoseconds:,.0f} ns" if nanoseconds >= 100 else f"{nanoseconds:.3g} ns"


def ratio(other: float, own: float) -> str:
    """How many times as long as kobling; below 1, kobling is the slower one."""
    times = other / own
    return f"{times:.0f}×" if times >= 100 else f"{times:.2g}×" if times < 10 else f"{times:.3g}×"


def page(found: dict) -> str:
    lines = [f"# kobling beside its peers, {found['date']}", ""]
    machine, versions = found["machine"], found["versions"]
    lines += [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}, "
        f"{machine['kernel']}. All tools on 2 threads where a case does not say otherwise. "
        f"Load of the machine before {found['load']['before']:.1f}, after {found['load']['after']:.1f}.",
        "",
        "kobling at commit "
        + found["commit"]
        + "; "
        + ", ".join(f"{tool} {version}" for tool, version in versions.items())
        + ".",
        "",
        "Medians; the spread is from the fastest to the slowest run. A ratio is how many times "
        "kobling's median another is: below 1× kobling is the slower one. The fastest variant of "
        "each tool is **bold**. Peak memory is of the whole process, its data included. All tables of a "
        "case were compared, exactly, before any of this was written.",
        "",
        "## Bias",
        "",
        *[f"* {line}" for line in found["bias"]],
        "",
    ]
    for case in found["cases"]:
        lines += section(case, beside(case, found))
    return "\n".join(lines).rstrip() + "\n"


def beside(case: dict, found: dict) -> dict | None:
    """What a case's ratios are made with: kobling's first result, of this case or the one it names."""
    other = next((other for other in found["cases"] if other["id"] == case["beside"]), case)
    return next((r for r in other["results"] if r["tool"] == "kobling" and "median" in r), None)


def section(case: dict, own: dict | None) -> list[str]:
    lines = [
        f"## {case['title']}",
        "",
        case["what"],
        f"Runs: {case['repeat']}. {case['agree']}.",
        "",
        "| tool | median | spread | a row | ratio | peak memory |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for result in case["results"]:
        name = f"{result['tool']} ({result['variant']})" if result["variant"] else result["tool"]
        if "failed" in result:
            lines.append(f"| {name} | {result['failed']} | | | | |")
            continue
        if result is best(case, result["tool"]):
            name = f"**{name}**"
        if result["variant"].startswith(TOO_FEW_BITS):
            name += " (too few bits for a pseudonym)"
        lines.append(
            f"| {name} | {duration(result['median'])} "
            f"| {duration(min(result['seconds']))} – {duration(max(result['seconds']))} "
            f"| {each(result['ns_per_row'])} | {ratio(result['median'], own['median']) if own else ''} "
            f"| {result['peak_mib']:,} MiB |"
        )
    return [*lines, "", *stages(case)]


def stages(case: dict) -> list[str]:
    """kobling's stages, one column for each number of threads, or for Rust and Python."""
    timed = [result for result in case["results"] if result.get("stages")]
    if not timed:
        return []
    tools = [result["tool"] for result in timed]
    heads = [f"{result['threads']} thread{'s' * (result['threads'] > 1)}" for result in timed]
    more, last = len(timed) > 1, "gain"
    if len(set(tools)) > 1:
        # The same work in another language: how many times as long it takes there.
        heads, last = tools, "ratio"
    lines = [
        f"| stage of kobling | {' | '.join(heads)} |" + (f" {last} |" if more else ""),
        "|---" + "|--:" * (len(timed) + more) + "|",
    ]
    for name in timed[0]["stages"]:
        times = [result["stages"][name] for result in timed]
        gain = times[0] / times[-1] if last == "gain" else times[-1] / times[0]
        said = f" {gain:.2f}× |" if more else ""
        lines.append(f"| {name} | {' | '.join(map(duration, times))} |{said}")
    return [*lines, ""]
