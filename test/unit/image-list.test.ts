/** Images that lists name with their classes, in the shapes that people have. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Dataset, DatasetSplit } from '../../lib/data/dataset.ts';
import type { DatasetPlace } from '../../lib/data/formats/format.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { damaged, outcomes } from '../support/damage.ts';
import { withTemporaryFolder, writeImage } from '../support/images.ts';
import { writeBytes } from '../support/pixel-files.ts';

const INVALID = 'CRESCENDO_DATASET_INVALID';
const UNKNOWN_CLASS = 'CRESCENDO_LABEL_OUT_OF_RANGE';

type Columns = Pick<DatasetPlace, 'fileColumn' | 'labelColumn' | 'splitColumn'>;

function open(folder: string, columns: Columns = {}, lines: string[] = []): Promise<Dataset> {
  const onProgress = (line: string): void => void lines.push(line);
  const options = { baseFolder: folder, homeFolder: join(folder, 'home'), onProgress };
  return openDataset({ name: 'image-list', path: 'data', ...columns }, options);
}

async function assertRefused(folder: string, message: RegExp, columns?: Columns): Promise<void> {
  await assert.rejects(open(folder, columns), { code: INVALID, message });
}

/** Images named by the paths, the first 21 px wide, the next 22 and so on. */
async function writeImages(folder: string, paths: readonly string[]): Promise<void> {
  for (const [at, path] of paths.entries()) {
    await writeImage(join(folder, 'data', path), { widthPx: 21 + at });
  }
}

function writeList(folder: string, name: string, content: string | Buffer): void {
  writeBytes(join(folder, 'data', name), content);
}

/** Class names in the order of the images' widths; a split's name marks where it begins. */
function classesOf({ classNames, train, validation }: Dataset): string[] {
  const of = (split: DatasetSplit): string[] => {
    const found = Array.from({ length: split.sampleCount }, (_, index) => {
      const image = split.imageOf(index);
      assert.ok(image.kind === 'encoded');
      return { width: image.widthPx, name: classNames[split.labelOf(index)] ?? '' };
    });
    return found.sort((left, right) => left.width - right.width).map(({ name }) => name);
  };
  return [...of(train), '|', ...of(validation)];
}

const ANIMALS = ['a.png', 'b.png', 'c.png', 'd.png'];
const EXPECTED = ['cat', 'dog', 'cat', '|', 'dog'];

/** The same four images in two splits: by name of the list, content. */
const SHAPES: readonly (readonly [string, Readonly<Record<string, string | Buffer>>])[] = [
  [
    'CSV with a column for the split',
    {
      'labels.csv':
        'file,label,split\na.png,cat,train\nb.png,dog,train\nc.png,cat,train\nd.png,dog,val\n',
    },
  ],
  [
    'a CSV list for each split, whose lines end as on Windows, with a mark of byte order',
    {
      'train.csv': '\ufeffimage_name,Breed\r\na.png,cat\r\nb.png,dog\r\n"c.png","cat"\r\n',
      'val.csv': '\ufeffimage_name,Breed\r\nd.png,dog\r\n',
    },
  ],
  [
    'CSV with semicolons, quoted fields and empty lines',
    {
      'labels.csv':
        'Split;"note; of a kind";Filename;Class\ntrain;"one; ""two""";a.png;cat\n\n' +
        'training;;b.png;dog\ntrain;"of\ntwo lines";c.png;cat\ntest;;d.png;dog\n',
    },
  ],
  [
    'TSV, which may have commas in its fields',
    {
      'train.tsv': 'path\tclass\tnote\na.png\tcat\t1,2\nb.png\tdog\t3\nc.png\tcat\t4',
      'test.tsv': 'path\tclass\nd.png\tdog\n',
    },
  ],
  [
    'CSV without names of columns',
    { 'train.csv': 'a.png,cat\nb.png,dog\nc.png,cat\n', 'validation.csv': 'd.png,dog\n' },
  ],
  [
    'FILE CLASS lines',
    { 'train.txt': 'a.png cat\nb.png\tdog\nc.png  cat\n', 'val.txt': './d.png dog' },
  ],
  [
    'JSON of objects',
    {
      'train.json': JSON.stringify([
        { image: 'a.png', label: 'cat' },
        { label: 'dog', image: 'b.png' },
        { image: 'c.png', label: 'cat', by: 'Ann' },
      ]),
      'valid.json': JSON.stringify([{ image: 'd.png', label: 'dog' }]),
    },
  ],
  [
    'JSON of pairs, and of classes by file',
    {
      'train.json': JSON.stringify([
        ['a.png', 'cat'],
        ['b.png', 'dog'],
        ['c.png', 'cat'],
      ]),
      'val.json': JSON.stringify({ 'd.png': 'dog' }),
    },
  ],
  [
    'JSON Lines with a field for the split',
    {
      'metadata.jsonl': ['a cat train', 'b dog train', 'c cat train', 'd dog validation']
        .map((line) => line.split(' '))
        .map(([file, label, split]) => JSON.stringify({ file_name: `${file}.png`, label, split }))
        .join('\n'),
    },
  ],
];

for (const [shape, lists] of SHAPES) {
  test(`images are read that are listed by ${shape}`, async () => {
    await withTemporaryFolder(async (folder) => {
      await writeImages(folder, ANIMALS);
      for (const [name, content] of Object.entries(lists)) writeList(folder, name, content);
      assert.deepEqual(classesOf(await open(folder)), EXPECTED);
    });
  });
}

test('a list in the folder of each split names the files beside it', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImages(folder, ['train/1.png', 'train/2.png', 'test/1.png']);
    writeList(folder, 'train/metadata.csv', 'file_name,label\n1.png,cat\n2.png,dog\n');
    writeList(folder, 'test/metadata.csv', 'file_name,label\n1.png,dog\n');
    assert.deepEqual(classesOf(await open(folder)), ['cat', 'dog', '|', 'dog']);
  });
});

test('files are found in folders, without extensions, and by names of other machines', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImages(folder, ['train/ab/1.png', 'train/ab/2.png', 'test/ab/2.png', 'more/3.png']);
    writeList(folder, 'train.csv', 'id,breed\nab/1,pug\nab\\2,boxer\nmore/3.png,pug\n');
    writeList(folder, 'test.csv', 'id,breed\nab/2,pug\n');
    writeList(folder, 'sample_submission.csv', 'id,boxer,pug\n');
    const lines: string[] = [];
    const dataset = await open(folder, {}, lines);
    assert.deepEqual(classesOf(dataset), ['pug', 'boxer', 'pug', '|', 'pug']);
    assert.match(lines[0] ?? '', /leaving out the lists sample_submission\.csv/);
  });
});

test('one list of images in the folders of splits does not mix the splits', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImages(folder, ['train/1.png', 'train/2.png', 'test-drive/3.png', 'Test/4.png']);
    const rows = ['train/1.png,cat', 'train/2.png,dog', 'test-drive/3.png,cat', 'Test/4.png,dog'];
    writeList(folder, 'metadata.csv', ['file_name,label', ...rows].join('\n'));
    assert.deepEqual(classesOf(await open(folder)), ['cat', 'dog', 'cat', '|', 'dog']);
  });
});

test('a list in a folder of its own names files by their paths in the dataset', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImages(folder, ['images/1.png', 'images/2.png', 'images/3.png']);
    const absolute = join(folder, 'data/images/2.png');
    writeList(folder, 'annotations/train.csv', `path,label\nimages/1.png,cat\n${absolute},dog\n`);
    writeList(folder, 'annotations/val.csv', 'path,label\n3.png,dog\n');
    assert.deepEqual(classesOf(await open(folder)), ['cat', 'dog', '|', 'dog']);
    writeList(folder, 'annotations/test.csv', 'path\nimages/3.png\n');
    assert.equal((await open(folder)).validation.sampleCount, 1);
    await rm(join(folder, 'data/annotations/val.csv'));
    await assertRefused(
      folder,
      /test\.csv has the columns path, .* or remove the list if it has no/,
    );
  });
});

test('a column is taken by its name where the run file gives it', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImages(folder, ANIMALS);
    const rows = ['a.png,x,cat,1', 'b.png,y,dog,2', 'c.png,x,cat,3', 'd.png,x,dog,4'];
    writeList(folder, 'labels.csv', ['picture,label,kind,id', ...rows].join('\n'));
    await assertRefused(folder, /labels\.csv: .*lines|there is no '1'/);
    const { train, validation, classNames } = await open(folder, {
      fileColumn: 'picture',
      labelColumn: 'kind',
    });
    assert.deepEqual(classNames, ['cat', 'dog']);
    assert.equal(train.sampleCount + validation.sampleCount, 4);
    const wrong = { fileColumn: 'Picture' };
    await assertRefused(folder, /has the columns picture, label, kind, id, and no Picture/, wrong);
    writeList(folder, 'labels.csv', 'file,label,class\na.png,1,2\n');
    await assertRefused(folder, /has the columns label and class: set dataset\.labelColumn/);
    writeList(folder, 'labels.csv', 'file,kind\na.png,1\n');
    await assertRefused(
      folder,
      /columns file, kind, none of which is label, .*dataset\.labelColumn/,
    );
    writeList(folder, 'labels.csv', 'a.png,1\n');
    await assertRefused(folder, /has no names of columns, so it has no column kind/, {
      labelColumn: 'kind',
    });
  });
});

test('without a validation split a fixed tenth is held out, by path', async () => {
  await withTemporaryFolder(async (folder) => {
    const paths = Array.from({ length: 40 }, (_, at) => `${at}.png`);
    await writeImages(folder, paths);
    const rows = paths.map((path, at) => `${path},${at % 2 === 0 ? 'cat' : 'dog'}`);
    writeList(folder, 'labels.csv', `file,label\n${rows.join('\n')}\n`);
    const first = await open(folder);
    assert.equal(first.train.sampleCount + first.validation.sampleCount, 40);
    assert.ok(first.validation.sampleCount > 0);
    assert.deepEqual(classesOf(await open(folder)), classesOf(first));
  });
});

test('classes that are numbers are in their order, and a file may name them', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImages(folder, ANIMALS);
    writeList(folder, 'train.csv', 'file,label\na.png,10\nb.png,9\nc.png,2\n');
    writeList(folder, 'val.csv', 'file,label\nd.png,9\n');
    const unnamed = await open(folder);
    assert.deepEqual(unnamed.classNames, ['2', '9', '10']);
    assert.deepEqual(classesOf(unnamed), ['10', '9', '2', '|', '9']);
    const names = Array.from({ length: 10 }, (_, at) => `class ${at + 1}`);
    writeList(folder, 'classes.txt', `${names.join('\n')}\n`);
    const named = await open(folder);
    assert.deepEqual(named.classNames, names);
    assert.deepEqual(classesOf(named), ['class 10', 'class 9', 'class 2', '|', 'class 9']);
  });
});

test('files that lack, are listed twice, or are no images are named with their lines', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImages(folder, ANIMALS);
    writeBytes(join(folder, 'data/e.tif'), 'II*');
    writeList(
      folder,
      'train.csv',
      'file,label\na.png,cat\nb.png,dog\nnone.png,cat\na.png,dog\ne.tif,cat\n../data/b.png,cat\n',
    );
    writeList(folder, 'val.csv', 'file,label\nb.png,dog\n');
    await assert.rejects(open(folder), ({ message }: Error) => {
      assert.match(message, /the lists of .*data have 5 problems: /);
      assert.match(message, /line 4 of train\.csv: there is no 'none\.png'/);
      assert.match(message, /line 6 of train\.csv: 'e\.tif' is no image/);
      assert.match(message, /line 7 of train\.csv: there is no '\.\.\/data\/b\.png'/);
      assert.match(message, /line 5 of train\.csv: a\.png \(dog\) is at line 2 of .* \(cat\) too/);
      assert.match(message, /line 2 of val\.csv: b\.png \(dog\) is at line 3 of train\.csv/);
      return true;
    });
  });
});

test('images in no list are told of, and an image in two folders is not guessed', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImages(folder, ['x/a.png', 'x/b.png', 'y/b.png', 'y/c.png']);
    writeList(folder, 'labels.csv', 'file,label,split\na.png,cat,train\nc.png,dog,train\n');
    const told = /leaving out 2 images that labels\.csv does not list: x\/b\.png/;
    const lines: string[] = [];
    await open(folder, {}, lines);
    assert.match(lines.at(-1) ?? '', told);
    const { notes = [] } = await open(folder);
    assert.match(notes.join(), told, 'a later start knows it too');
    writeList(folder, 'labels.csv', 'file,label,split\na.png,cat,train\nb.png,dog,other\n');
    await assertRefused(
      folder,
      /line 3 of labels\.csv: 'b\.png' may be any of x\/b\.png, y\/b\.png/,
    );
    writeList(folder, 'labels.csv', 'file,label,split\na.png,cat,train\nc.png,dog,other\n');
    await assertRefused(folder, /line 3 of labels\.csv: 'other' names no split/);
  });
});

test('a class that only validation has is refused with its line', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImages(folder, ANIMALS);
    writeList(folder, 'train.csv', 'file,label\na.png,cat\nb.png,dog\n');
    writeList(folder, 'val.csv', 'file,label\nc.png,cat\nd.png,emu\n');
    await assert.rejects(open(folder), {
      code: UNKNOWN_CLASS,
      message: /line 3 of val\.csv: d\.png is of class 'emu', .* 2 classes are cat, dog/,
    });
    writeList(folder, 'train.csv', 'file,label\na.png,cat\nb.png,cat\n');
    await assertRefused(folder, /training images of .* are of 1 classes/);
  });
});

test('lists that are no lists, or one too many, are named', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImages(folder, ANIMALS);
    await assertRefused(folder, /data has none as lists of images: it needs labels\.csv/);
    for (const [name, content, message] of [
      ['labels.csv', '', /labels\.csv: it is empty/],
      ['labels.csv', 'file,label\na.png,cat,more\n', /labels\.csv: .*Record Length.*on line 2/],
      ['labels.csv', 'file,label\n"a.png,cat\n', /labels\.csv: .*Quote/],
      ['labels.csv', 'a.png,cat,train\n', /line 1 has 3 fields without names/],
      ['labels.csv', 'file,label\na.png,\n', /line 2 of .*labels\.csv has nothing as its class/],
      [
        'labels.json',
        '{"a.png": ["cat", "dog"]}',
        /entry 1 .*\["cat","dog"\] as its class: each image/,
      ],
      ['labels.json', '[{"file": "a.png", ', /labels\.json: it is not JSON/],
      ['labels.json', '["a.png"]', /entry 1 is no object of named fields/],
      ['labels.jsonl', '{"file":"a.png","label":"x"}\n{', /line 2 is not JSON/],
    ] as const) {
      writeList(folder, name, content);
      await assertRefused(folder, message);
      await rm(join(folder, 'data', name));
    }
    for (const name of ['one.csv', 'two.csv']) writeList(folder, name, 'file,label\na.png,cat\n');
    await assertRefused(folder, /has one\.csv, two\.csv as lists of images/);
  });
});

for (const [name, content] of [
  ['labels.csv', 'file,label\na.png,cat\n"b.png","dog"\n'],
  ['labels.json', '[{"file":"a.png","label":"cat"},{"file":"b.png","label":"dog"}]'],
] as const) {
  test(`a damaged ${name} is read or refused, and nothing else`, async () => {
    await withTemporaryFolder(async (folder) => {
      await writeImages(folder, ['a.png', 'b.png']);
      const path = join(folder, 'data', name);
      writeList(folder, name, content);
      const whole = await readFile(path);
      const codes = [INVALID, UNKNOWN_CLASS];
      const { refused } = await outcomes(damaged(whole), codes, async (copy) => {
        await writeFile(path, copy);
        await open(folder);
      });
      assert.ok(refused > whole.length, `${refused} refused`);
    });
  });
}

test('an index of a list is used until the list changes', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImages(folder, ANIMALS);
    writeList(folder, 'train.csv', 'file,label\na.png,cat\nb.png,dog\n');
    writeList(folder, 'val.csv', 'file,label\nc.png,cat\n');
    const lines: string[] = [];
    await open(folder, {}, lines);
    const told = lines.length;
    await open(folder, {}, lines);
    assert.equal(lines.length, told);
    writeList(folder, 'val.csv', 'file,label\nc.png,cat\nd.png,cat\n');
    assert.equal((await open(folder, {}, lines)).validation.sampleCount, 2);
  });
});
