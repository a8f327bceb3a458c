#!/usr/bin/env python3
"""Prints the rows of lib/tensorflow/install/wheels.ts for a TensorFlow version: downloads each
wheel with pip, measures it, deletes it. Needs about 1 GB of disk and 4 GB of traffic.

    python3 scripts/pin-wheels.py 2.21.0
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile

PYTHON_VERSION = '311'
# Keep equal to isNeeded in lib/tensorflow/install/wheels.ts.
NEEDED = re.compile(
    r'tensorflow/libtensorflow_(cc|framework)\.so\.2$'
    r'|tensorflow/include/(tensorflow/c|tensorflow/core/platform|xla/tsl|tsl)/.*\.h$'
    r'|nvidia/\w+/lib/[^/]+\.so[.\d]*$'
    r'|nvidia/cuda_nvcc/(bin/(ptxas|nvlink|fatbinary)|nvvm/libdevice/.*\.bc)$'
)
TAGS = ('manylinux_2_27', 'manylinux2014', 'manylinux2010')


def pip(*args):
    subprocess.run([sys.executable, '-m', 'pip', *args], check=True, stdout=subprocess.DEVNULL)


def resolve(requirement, machine, folder):
    report = os.path.join(folder, 'report.json')
    platforms = [f'--platform={tag}_{machine}' for tag in TAGS]
    pip('install', '--quiet', '--dry-run', '--ignore-installed', '--only-binary=:all:', *platforms,
        f'--python-version={PYTHON_VERSION}', f'--target={folder}/x',
        f'--report={report}', requirement)
    with open(report, encoding='utf8') as file:
        return json.load(file)['install']


def row(name, version, file_name, sha256, machine, folder):
    # The oldest tag of ours that the wheel carries; a name may carry several.
    tag = next((tag for tag in TAGS if f'{tag}_{machine}' in file_name), 'manylinux_2_27')
    pip('download', '--no-deps', '--only-binary=:all:', '--no-cache-dir',
        f'--platform={tag}_{machine}',
        f'--python-version={PYTHON_VERSION}', f'--dest={folder}', f'{name}=={version}')
    path = os.path.join(folder, file_name)
    with zipfile.ZipFile(path) as wheel:
        needed = [entry for entry in wheel.infolist() if NEEDED.match(entry.filename)]
        unpacked = sum(entry.file_size for entry in needed)
    print(f"pin('{name}', '{version}', '{tag}_{machine}', '{sha256}', "
          f'{os.path.getsize(path):_}, {unpacked:_}),', flush=True)
    os.remove(path)


def main():
    version = sys.argv[1]
    for title, requirement, machine, wanted in (
        ('linux-x64 cpu', f'tensorflow-cpu=={version}', 'x86_64', 'tensorflow'),
        ('linux-x64 gpu', f'tensorflow[and-cuda]=={version}', 'x86_64', 'tensorflow|nvidia'),
        ('linux-arm64 cpu', f'tensorflow=={version}', 'aarch64', 'tensorflow'),
    ):
        print(f'// {title}')
        with tempfile.TemporaryDirectory() as folder:
            for one in resolve(requirement, machine, folder):
                metadata, info = one['metadata'], one['download_info']
                if not re.match(rf'({wanted})([-_]cpu|[-_].*[-_]cu12|)$', metadata['name']):
                    continue
                row(metadata['name'], metadata['version'], info['url'].split('/')[-1],
                    info['archive_info']['hashes']['sha256'], machine, folder)


main()
