"""Makes package/automaster/types.py, the shapes of the report, from docs/report.schema.json."""

from __future__ import annotations

import json
import keyword
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "docs" / "report.schema.json"
MADE = ROOT / "python" / "package" / "automaster" / "types.py"


def kind(node: dict) -> str:
    """The annotation of a node of the schema."""
    if "$ref" in node:
        return f'"{node["$ref"].rsplit("/", 1)[1]}"'
    if "const" in node:
        return f"Literal[{node['const']!r}]"
    if "enum" in node:
        return f"Literal[{', '.join(repr(value) for value in node['enum'])}]"
    if "anyOf" in node or "oneOf" in node:
        parts = [kind(part) for part in node.get("anyOf") or node["oneOf"]]
        plain = list(dict.fromkeys(part for part in parts if part != "None"))
        if plain and all(part.startswith("Literal[") for part in plain):
            plain = [f"Literal[{', '.join(part[8:-1] for part in plain)}]"]
        joined = plain[0] if len(plain) == 1 else f"Union[{', '.join(plain)}]"
        return f"Optional[{joined}]" if "None" in parts else joined
    types = node.get("type", "object")
    if isinstance(types, list):
        plain = kind({**node, "type": next(one for one in types if one != "null")})
        return f"Optional[{plain}]" if "null" in types else plain
    match types:
        case "array":
            if "prefixItems" in node:
                return f"list[Union[{', '.join(dict.fromkeys(kind(item) for item in node['prefixItems']))}]]"
            return f"list[{kind(node['items'])}]" if "items" in node else "list[object]"
        case "object" if "additionalProperties" in node and node["additionalProperties"]:
            return f"dict[str, {kind(node['additionalProperties'])}]"
        case "object":
            return "dict[str, object]"
        case "string":
            return "str"
        case "number":
            return "float"
        case "integer":
            return "int"
        case "boolean":
            return "bool"
        case "null":
            return "None"
    raise ValueError(f"no annotation for {node}")


def quoted(text: str, indent: str) -> str:
    lines = textwrap.wrap(" ".join(text.split()), 110 - len(indent))
    return '"""' + ("\n" + indent).join(lines) + '"""'


def definition(name: str, node: dict) -> str:
    doc = node.get("description", "")
    if node.get("type") != "object" or "properties" not in node:
        return f"{name} = {kind(node)}\n{quoted(doc, '')}\n"
    required = set(node.get("required", []))
    if any(map(keyword.iskeyword, node["properties"])):
        # A field that Python keeps for itself cannot stand in a class; what each field means goes into one text.
        fields = "".join(
            f'    "{field}": {kind(child) if field in required else f"NotRequired[{kind(child)}]"},\n'
            for field, child in node["properties"].items()
        )
        told = " ".join(f"`{field}`: {child['description']}" for field, child in node["properties"].items())
        return f'{name} = TypedDict("{name}", {{\n{fields}}})\n{quoted(f"{doc} {told}", "")}\n'
    lines = [f"class {name}(TypedDict):", f"    {quoted(doc, '    ')}", ""]
    for field, child in node["properties"].items():
        annotation = kind(child)
        lines.append(f"    {field}: {annotation if field in required else f'NotRequired[{annotation}]'}")
        if "description" in child:
            lines.append(f"    {quoted(child['description'], '    ')}")
    return "\n".join(lines) + "\n"


def page() -> str:
    """The module's text."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    simple = {name: node for name, node in schema["$defs"].items() if "properties" not in node}
    shapes = {name: node for name, node in schema["$defs"].items() if "properties" in node}
    head = (
        '"""The shapes of a report, as `json.loads` gives it. Made by tools/report_types.py from docs/report.schema.json."""\n\n'
        "from __future__ import annotations\n\nimport sys\nfrom typing import Literal, Optional, TypedDict, Union\n\n"
        "if sys.version_info >= (3, 11):\n    from typing import NotRequired\nelse:\n"
        "    from typing_extensions import NotRequired\n"
    )
    parts = [definition(name, node) for name, node in {**simple, **shapes}.items()]
    return "\n\n".join([head, *parts, definition("ReportDict", schema)])


if __name__ == "__main__":
    MADE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{MADE.relative_to(ROOT)}\n")
