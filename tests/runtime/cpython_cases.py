#!/usr/bin/python3
"""Checks cpython-cases.md: what it names exists, and no case of CPython's is absent or without an answer.

    cpython_cases.py                    the test, in TAP
    cpython_cases.py --against DIR      compares it with CPython's sources: …/lib/python3.13/test/test_asyncio"""
import ast
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
OWN, OWN_TESTS = 'scenarios of these names', 'tests of these names'
REASONS = ('no meaning in C: ', 'not covered: ')


class Row:
    def __init__(self, module, case_class, cell, answer):
        self.cases = [f'{module}.{case_class}.{name}' for name in re.findall(r'`(\w+)`', cell)]
        self.answer = answer
        self.tests = re.findall(r'`([^`]+)`', answer)


def read(text):
    """(how many cases each class has, by its heading; the rows)."""
    counts, rows, module, case_class = {}, [], None, None
    for line in text.splitlines():
        if match := re.fullmatch(r'## (test_\w+)', line):
            module = match[1]
        elif match := re.fullmatch(r'### (\w+): (\d+)', line):
            case_class = match[1]
            counts[f'{module}.{case_class}'] = int(match[2])
        elif case_class and line.startswith('| `'):
            cell, answer = line.strip('| ').split(' | ', 1)
            rows.append(Row(module, case_class, cell, answer))
    return counts, rows


def scenarios():
    texts = [path.read_text() for path in HERE.glob('conformance/scenarios/*.txt')]
    return {line.split()[1] for text in texts for line in text.splitlines() if line.startswith('scenario ')}


def paths():
    """The GLib tests, as patterns: some are made by printf. A literal may be in several pieces."""
    texts = [re.sub(r'"\s+"', '', source.read_text()) for source in HERE.glob('*.c')]
    found = {path for text in texts for path in re.findall(r'"(/[^"\s]+)"', text)}
    return re.compile('|'.join(re.sub(r'%[a-z]', '[^/]+', re.escape(path)) for path in found))


def names_nothing(row, known_scenarios, known_paths):
    wanted = row.cases if row.answer.startswith(OWN) else row.tests
    if row.answer.startswith(OWN_TESTS):
        wanted = ['/' + case.replace('.', '/') for case in row.cases]
    return [name for name in wanted
            if not (known_paths.fullmatch(name) if name.startswith('/') else name in known_scenarios)]


def methods(body):
    """The names test_… that a class defines, also under an `if`."""
    names = [node.name for node in body
             if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith('test_')]
    for node in body:
        if isinstance(node, ast.If):
            names += methods(node.body) + methods(node.orelse)
    return names


def cases_of(directory):
    """Those of CPython, by class."""
    found = {}
    for path in sorted(directory.glob('test_*.py')):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and methods(node.body):
                found[f'{path.stem}.{node.name}'] = set(methods(node.body))
    return found


def compare(directory, counts, rows):
    """What differs between the table and the sources, of the modules that the table has."""
    modules = {name.partition('.')[0] for name in counts}
    wanted = {f'{group}.{name}' for group, names in cases_of(directory).items() for name in names
              if group.partition('.')[0] in modules}
    given = {case for row in rows for case in row.cases}
    return [f'not in the table: {name}' for name in sorted(wanted - given)] + \
           [f'not in CPython: {name}' for name in sorted(given - wanted)]


def main():
    counts, rows = read((HERE / 'cpython-cases.md').read_text())
    if sys.argv[1:2] == ['--against']:
        differences = compare(pathlib.Path(sys.argv[2]), counts, rows)
        print('\n'.join(differences) or f'the same {sum(counts.values())} cases')
        return 1 if differences else 0
    known_scenarios, known_paths = scenarios(), paths()
    given = [case for row in rows for case in row.cases]
    by_class = {group: sum(case.startswith(group + '.') for case in given) for group in counts}
    answered = {case for row in rows for case in row.cases}
    results = {
        'every case is there': [f'{group}: {by_class[group]} of {counts[group]}'
                                for group in counts if by_class[group] != counts[group]],
        'each only once': sorted({case for case in given if given.count(case) > 1}),
        'each has an answer': [', '.join(row.cases) for row in rows if not row.tests
                               and not row.answer.startswith((OWN, OWN_TESTS, *REASONS))],
        'what covers it exists': [f'{", ".join(row.cases)}: {name}' for row in rows
                                  for name in names_nothing(row, known_scenarios, known_paths)],
        "scenarios of a case's name have a case": sorted(
            name for name in known_scenarios if name.startswith('test_')
            and '.'.join(name.split('.')[:3]) not in answered),
    }
    print(f'1..{len(results)}')
    for number, (name, wrong) in enumerate(results.items(), 1):
        print(f'{"not " if wrong else ""}ok {number} /runtime/cpython-cases/{name.replace(" ", "-")}')
        for line in wrong:
            print('#', line)
    return 0


if __name__ == '__main__':
    sys.exit(main())
