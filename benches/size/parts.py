"""Prints what the layer adds to a minimal application, part by part, and fails if that is more than a bound.

    python3 benches/size/parts.py RELEASE MOST_OCTETS

RELEASE is the folder of the three programs of this package, built with their symbols. The sizes are those of the
stripped programs. `nm`, `readelf` and `strip` of GNU binutils read them.
"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile

CRATE = "tower_precondition"

# Sections of a stripped program that are not code, by what they are for.
SECTIONS = {
    "tables for unwinding": (".eh_frame", ".eh_frame_hdr", ".gcc_except_table"),
    "read-only data": (".rodata",),
    "tables of addresses": (".rela.dyn", ".data.rel.ro", ".got", ".data"),
}


def main(release, most_octets):
    programs = {name: pathlib.Path(release) / f"size-of-{name}" for name in ("app", "from-fn", "layer")}
    sizes = {name: stripped_size(program) for name, program in programs.items()}
    added = {name: size - sizes["app"] for name, size in sizes.items()}
    print(f"a minimal application has {sizes['app']} octets")
    print(f"from-fn adds {added['from-fn']}")
    print(f"layer adds {added['layer']}:")
    for part, octets in parts(programs["app"], programs["layer"], added["layer"]):
        print(f"  {octets:>8}  {part}")
    if added["layer"] > most_octets:
        sys.exit(f"the bound is {most_octets}")


def stripped_size(program):
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder) / "program"
        run("strip", "-o", stripped, program)
        return stripped.stat().st_size


def parts(app, layer, total):
    """Returns each part with its octets. Their sum is the total."""
    code = code_of(layer)
    code.subtract(code_of(app))
    sections = sections_of(layer)
    sections.subtract(sections_of(app))

    rows = [(part, octets) for part, octets in code.most_common() if octets != 0]
    # Padding between functions, and what has no symbol.
    rows.append(("code without a name", sections[".text"] - sum(code.values())))
    for part, names in SECTIONS.items():
        rows.append((part, sum(sections[name] for name in names)))
    rows.append(("other sections, and padding between them", total - sum(octets for _, octets in rows)))
    return rows


def code_of(program):
    """Returns the octets of the functions, by part."""
    octets = collections.Counter()
    for line in run("nm", "--demangle", "--print-size", "--defined-only", program).splitlines():
        symbol = re.fullmatch(r"[0-9a-f]+ ([0-9a-f]+) [tTwW] (.*)", line)
        if symbol:
            octets[part_of(symbol[2])] += int(symbol[1], 16)
    return octets


def part_of(function):
    # A crate's name may have its number behind it.
    function = re.sub(r"\[[0-9a-f]+\]", "", function)
    if function.startswith("core::ptr::drop_in_place"):
        return "drop glue"
    # `<Type as Trait>::function` is code of the type's crate, or of the trait's if the type is a parameter.
    own = re.match(rf"<?[&A-Za-z ]{{0,9}}?{CRATE}::(\w+)", function) or re.match(
        rf"<\w+ as {CRATE}::(\w+)", function
    )
    if own:
        return f"own code, {own[1]}"
    foreign = re.search(r"\b(http|hashbrown|alloc|core|std)::", function)
    return f"functions of {foreign[1]}" if foreign else "functions of other crates"


def sections_of(program):
    octets = collections.Counter()
    for line in run("readelf", "--section-headers", "--wide", program).splitlines():
        section = re.match(r"\s*\[ *\d+\] (\.\S+)\s+\S+\s+\S+\s+\S+\s+([0-9a-f]+)", line)
        if section:
            octets[section[1]] = int(section[2], 16)
    return octets


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


main(sys.argv[1], int(sys.argv[2]))
