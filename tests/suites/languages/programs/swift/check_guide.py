# Usage: check_guide.py <guide.swift> <Sources>. For want of a compiler: parses the guide's Swift, and compares each
# of its calls, with its labels, and each property with what the generated client declares.
import pathlib
import sys

import tree_sitter_swift
from tree_sitter import Language, Node, Parser

parser = Parser(Language(tree_sitter_swift.language()))

# Foundation's and Swift's own, and the guide's stand-ins for screens.
KNOWN_CALLS = {'UUID': [], 'JSONDecoder': [], 'URL': ['fileURLWithPath'], 'ask': [''], 'show': ['']}
KNOWN_PROPERTIES = {'uuidString', 'count', 'first', 'self'}


def walk(node: Node):
    yield node
    for child in node.children:
        yield from walk(child)


def text(node: Node | None) -> str:
    return node.text.decode() if node and node.text else ''


def parsed(file: str | pathlib.Path) -> Node:
    return parser.parse(pathlib.Path(file).read_bytes()).root_node


def parameters(declaration: Node) -> list[tuple[str, bool]]:
    """The label of each parameter, and whether it may be left out."""
    found: list[tuple[str, bool]] = []
    for index, child in enumerate(declaration.children):
        if child.type == 'parameter':
            found.append((text(child.children[0]), False))
        elif declaration.field_name_for_child(index) == 'default_value':
            found[-1] = (found[-1][0], True)
    return found


def enclosing(node: Node) -> str:
    while node and node.type not in ('class_declaration', 'protocol_declaration'):
        node = node.parent
    return text(node.child_by_field_name('name')) if node else ''


def declared(roots: list[Node]):
    calls: dict[str, list[list[tuple[str, bool]]]] = {}
    properties: set[str] = set()
    for node in (node for root in roots for node in walk(root)):
        if node.type == 'init_declaration':
            calls.setdefault(enclosing(node), []).append(parameters(node))
        elif node.type == 'function_declaration':
            name = text(node.child_by_field_name('name'))
            calls.setdefault(f'{enclosing(node)}.{name}', []).append(parameters(node))
            properties.add(name)
        elif node.type == 'property_declaration':
            properties.add(text(node.child_by_field_name('name')))
        elif node.type == 'enum_entry':
            properties.update(text(child) for child in node.children_by_field_name('name'))
    return calls, properties


def labels(call: Node) -> list[str]:
    arguments = [node for node in walk(call.children[-1]) if node.type == 'value_arguments'][:1]
    if not arguments or arguments[0].parent != call.children[-1]:
        return []
    return [
        text(argument.child_by_field_name('name'))
        for argument in arguments[0].children
        if argument.type == 'value_argument'
    ]


def fits(used: list[str], wanted: list[tuple[str, bool]]) -> bool:
    rest = iter(used)
    label = next(rest, None)
    for name, optional in wanted:
        if label == name:
            label = next(rest, None)
        elif not optional:
            return False
    return label is None


def main(guide: str, sources: str) -> None:
    own = parsed(guide)
    broken = [node for node in walk(own) if node.type == 'ERROR' or node.is_missing]
    assert not broken, f'line {broken[0].start_point.row + 1} is no Swift: {text(broken[0])}'
    calls, properties = declared([own] + [parsed(file) for file in pathlib.Path(sources).rglob('*.swift')])
    checked = 0
    for node in walk(own):
        if node.type == 'call_expression' and node.children[-1].type == 'call_suffix':
            name, used = text(node.children[0]), labels(node)
            if name in KNOWN_CALLS:
                assert used == KNOWN_CALLS[name], f'{name} does not take {used}'
            elif name[0].isupper() and not name.startswith('JSONDecoder()'):
                assert name in calls, f'the client has no {name}'
                assert any(fits(used, wanted) for wanted in calls[name]), f'{name} does not take {used}'
                checked += 1
        if node.type == 'navigation_suffix':
            name = text(node.child_by_field_name('suffix'))
            assert name in properties | KNOWN_PROPERTIES | {'decode'}, f'the client has no property {name}'
    assert checked > 10, f'only {checked} calls found'
    print(f'{checked} calls of the client')


main(*sys.argv[1:])
