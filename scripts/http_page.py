"""Makes docs/http.md from the receiver's OpenAPI description."""

import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "crates/sse-callback/src/routes/openapi.json"
PAGE = ROOT / "docs/http.md"
METHODS = ("get", "put", "post", "patch", "delete")

HEAD = """# HTTP

Every address of the receiver, made from its OpenAPI description by `scripts/docs-check --write`. A receiver serves
that description at `/openapi.json`, and as a page at `/docs`. [The receiver's page](receiver.md) tells what lies
behind these addresses, [events](events.md) what streams carry.
"""


def plain(text):
    """A text in a cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|")


class Description:
    """The description, in which `$ref` names other parts of itself."""

    def __init__(self, document):
        self.document = document

    def resolved(self, part):
        while "$ref" in part:
            found = self.document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part

    def type(self, schema):
        """The name of a value's type, with a link where it is one of the description's own."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return f"[{name}](#{name.lower()})"
        for choice in ("oneOf", "anyOf"):
            if choice in schema:
                return " or ".join(self.type(one) for one in schema[choice])
        if "const" in schema:
            return f"`{json.dumps(schema['const'])}`"
        if "enum" in schema:
            return ", ".join(f"`{value}`" for value in schema["enum"])
        kinds = schema.get("type", "any")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        return " or ".join(
            f"list of {self.type(schema['items'])}" if kind == "array" and "items" in schema else kind
            for kind in kinds)

    def content(self, part):
        """What a body holds: its media types, with the type in it."""
        return ", ".join(
            f"`{media}`" + (f": {self.type(body['schema'])}" if body.get("schema", {}) not in ({}, {"type": "string"}) else "")
            for media, body in part.get("content", {}).items())

    def operation(self, path, method, shared, operation):
        yield f"### {method.upper()} {path}\n"
        yield operation["summary"] + "\n"
        if "description" in operation:
            yield operation["description"] + "\n"
        ways = [name for way in operation.get("security", []) for name in way]
        if ways:
            yield f"Tokens: {', '.join(f'[{name}](#tokens)' for name in dict.fromkeys(ways))}.\n"
        parameters = [self.resolved(one) for one in shared + operation.get("parameters", [])]
        if parameters:
            yield "| parameter | in | type | |\n| --- | --- | --- | --- |"
            for one in parameters:
                needed = "required; " if one.get("required") else ""
                yield (f"| `{one['name']}` | {one['in']} | {self.type(one.get('schema', {}))} "
                       f"| {plain(needed + one.get('description', ''))} |")
            yield ""
        if "requestBody" in operation:
            yield f"Body: {self.content(self.resolved(operation['requestBody']))}.\n"
        yield "| status | | body |\n| --- | --- | --- |"
        for status, answer in operation["responses"].items():
            answer = self.resolved(answer)
            yield f"| {status} | {plain(answer['description'])} | {self.content(answer)} |"
        yield ""

    def schema(self, name, schema):
        yield f"### {name}\n"
        if "description" in schema:
            yield schema["description"] + "\n"
        if "properties" in schema:
            yield "| field | type | |\n| --- | --- | --- |"
            for field, of in schema["properties"].items():
                needed = "required; " if field in schema.get("required", []) else ""
                said = plain(needed + of.get("description", "")).removesuffix("; ")
                yield f"| `{field}` | {self.type(of)} | {said} |"
        else:
            yield f"Type: {self.type(schema)}."
        yield ""

    def page(self):
        yield HEAD
        yield "## Addresses\n"
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield from self.operation(path, method, item.get("parameters", []), item[method])
        components = self.document["components"]
        yield "## Tokens\n"
        yield "| name | where | |\n| --- | --- | --- |"
        for name, scheme in components.get("securitySchemes", {}).items():
            where = "header `Authorization: Bearer`" if scheme["type"] == "http" else f"{scheme['in']}, `{scheme['name']}`"
            yield f"| {name} | {where} | {plain(scheme.get('description', ''))} |"
        yield "\n## Types\n"
        for name, schema in components["schemas"].items():
            yield from self.schema(name, schema)


def page():
    """The page as it should be."""
    return "\n".join(Description(json.loads(SOURCE.read_text())).page()).rstrip() + "\n"
