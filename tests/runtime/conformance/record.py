#!/usr/bin/env python3
"""Records what asyncio does:

    record.py --reference python3.13 [--also python3.12 --also python3.11] scenarios/*.txt
    record.py --reference python3.13 [--also …] --random 1000 [--newer] scenarios/random.txt.gz

Each scenario gets the reference's log. Where an older Python has the same log, and all between them, it
is marked with that version: there the tests compare live as well. `expect weft`, a stated departure, is
written by hand and stays. --random fills the file with that many scenarios of generate.py first, of
those that show something: no tie of deadlines, no task left over."""
import argparse
import gzip
import itertools
import os
import pathlib
import subprocess
import sys
import tempfile

import asyncio_run
import generate
import scenario as language

HERE = pathlib.Path(__file__).parent
BATCH = 250


def version(python):
    code = 'import sys; print("%d.%d" % sys.version_info[:2])'
    return subprocess.run([python, '-c', code], capture_output=True, text=True, check=True).stdout.strip()


def logs(python, text, seed='0'):
    """What that Python does, by name; of a scenario that shows nothing ['failed: …']."""
    with tempfile.NamedTemporaryFile('w', suffix='.txt') as file:
        file.write(text)
        file.flush()
        ran = subprocess.run([python, '-W', 'ignore', HERE / 'asyncio_run.py', file.name], text=True, check=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             env=os.environ | {'PYTHONHASHSEED': seed})
    found = {}
    for line in ran.stdout.splitlines():
        if line.startswith('log '):
            lines = found.setdefault(line[4:], [])
        else:
            lines.append(line.strip())
    return found


def failed(log):
    return bool(log) and log[-1].startswith('failed:')


def record(scenarios, pythons):
    """Sets the logs of all, and yields those for which there is none."""
    text = ''.join(one.text() for one in scenarios)
    reference, *others = pythons
    wanted, again = logs(reference, text), logs(reference, text, seed='1')
    older = [(version(python), logs(python, text)) for python in others]
    for one in scenarios:
        if one.since == 'weft':
            continue
        log = wanted.get(one.name, ['failed: not run'])
        if failed(log) or again[one.name] != log:
            yield one.name, log[-1] if failed(log) else 'differs from run to run'
            continue
        one.since, one.log = version(reference), log
        for number, found in sorted(older, key=lambda pair: [-int(part) for part in pair[0].split('.')]):
            if found.get(one.name) != log:
                break
            one.since = number


def random_scenarios(count, features, pythons):
    kept, seeds = [], itertools.count(1)
    while len(kept) < count:
        batch = [language.read('\n'.join(generate.Program(seed, features).lines))[1][0]
                 for seed in itertools.islice(seeds, BATCH)]
        useless = {name for name, _ in record(batch, pythons)}
        kept += [one for one in batch if one.name not in useless]
    return kept[:count]


def write(path, head, scenarios):
    text = '\n'.join([head + '\n'] * bool(head) + [one.text() for one in scenarios]).encode()
    pathlib.Path(path).write_bytes(gzip.compress(text, mtime=0) if path.endswith('.gz') else text)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--reference', required=True)
    parser.add_argument('--also', action='append', default=[])
    parser.add_argument('--random', type=int)
    parser.add_argument('--newer', action='store_true')
    parser.add_argument('files', nargs='+')
    options = parser.parse_args()
    pythons = [options.reference, *options.also]
    bad = 0
    for path in options.files:
        if options.random:
            features = generate.FEATURES + generate.NEWER * options.newer
            write(path, '', random_scenarios(options.random, features, pythons))
            continue
        head, scenarios = language.read(asyncio_run.text_of(path))
        for name, why in record(scenarios, pythons):
            print(f'{path}: {name}: {why}', file=sys.stderr)
            bad += 1
        write(path, head, scenarios)
    return bad > 0


if __name__ == '__main__':
    sys.exit(main())
