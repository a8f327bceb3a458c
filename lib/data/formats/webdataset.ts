/**
 * WebDataset: tar archives in which the members of a sample follow each other and have one name up
 * to the first dot of its last part: an image (`.jpg`, `.png`, ...), and its class as a number in
 * `.cls`, or as `label` or `cls` in `.json`. Names of classes come from `classes.txt` or
 * `labels.txt`, a line each, where there is one.
 */
import type { FileHandle } from 'node:fs/promises';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { headerOf, orUnreadable } from '../index/image-header.ts';
import type { FoundImage } from '../index/split-files.ts';
import { isLabel, LABEL_MAX } from './class-names.ts';
import { isImageName } from './folder-listing.ts';
import type { DatasetFormat } from './format.ts';
import type { ShardFile } from './shard-files.ts';
import { shardFormat } from './shard-format.ts';
import { readAt, tarMembers, type TarMember } from './tar.ts';

const LABEL_BYTES_MAX = 65_536;
/** Compressed ones too, so that they are refused and not passed over. */
const ARCHIVE_NAMES = /\.(?:tar|tgz|tar\.(?:gz|bz2|xz|zst))$/i;

export const WEBDATASET: DatasetFormat = shardFormat({
  name: 'webdataset',
  kind: 'tar archives (*.tar)',
  matches: (path) => ARCHIVE_NAMES.test(path),
  images: imagesIn,
  firstLabel: () => 0,
});

async function* imagesIn(
  file: FileHandle,
  shard: ShardFile,
  path: string,
): AsyncGenerator<FoundImage> {
  for await (const sample of samplesIn(file, shard.bytes)) {
    yield await imageOf(file, shard, sample, path);
  }
}

interface TarSample {
  readonly key: string;
  /** By what follows the first dot of the name. */
  readonly members: Map<string, TarMember>;
}

/** Members that follow each other with one key. */
async function* samplesIn(file: FileHandle, bytes: number): AsyncGenerator<TarSample> {
  let sample: TarSample | undefined;
  for await (const member of tarMembers(file, bytes)) {
    const { key, extension } = partsOf(member.name);
    if (extension === '') continue;
    if (!member.isWhole) {
      throw new Error(
        `${member.name} is a link or a sparse file, whose content is not in its place: pack the ` +
          'files anew with tar --dereference --hard-dereference, without --sparse',
      );
    }
    if (sample !== undefined && sample.key !== key) {
      yield sample;
      sample = undefined;
    }
    sample ??= { key, members: new Map() };
    if (sample.members.has(extension)) throw new Error(`it has ${member.name} twice`);
    sample.members.set(extension, member);
  }
  if (sample !== undefined) yield sample;
}

/** The extension is empty for names without one, and for hidden ones, as in a folder. */
function partsOf(name: string): { key: string; extension: string } {
  const begin = name.lastIndexOf('/') + 1;
  const dot = name.indexOf('.', begin);
  if (dot <= begin) return { key: name, extension: '' };
  return { key: name.slice(0, dot), extension: name.slice(dot + 1).toLowerCase() };
}

async function imageOf(
  file: FileHandle,
  { split, path }: ShardFile,
  { key, members }: TarSample,
  archive: string,
): Promise<FoundImage> {
  const image = imageMember(members);
  const label = await labelOf(file, members, key);
  if (image === undefined || label === undefined) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `sample ${key} of ${archive} has ${[...members.keys()].join(', ')}: it needs one image ` +
        '(jpg, jpeg, png, webp or gif), and its class as a whole number from 0 to ' +
        `${LABEL_MAX} in .cls, or as label or cls in .json, one after the other as with ` +
        'tar --sort=name',
    );
  }
  const { offset, bytes: length } = image;
  const content = await readAt(file, offset, length);
  const header = await orUnreadable(headerOf(content, `${key} of ${archive}`));
  return { ...header, split, label, path, offset, length };
}

/** The only image, or the only one whose extension has no other before it, as `.mask.png` has. */
function imageMember(members: ReadonlyMap<string, TarMember>): TarMember | undefined {
  const images = [...members].filter(([extension]) => isImageName(`.${extension}`));
  const plain = images.filter(([extension]) => !extension.includes('.'));
  const found = images.length === 1 ? images : plain;
  return found.length === 1 ? found[0]?.[1] : undefined;
}

async function labelOf(
  file: FileHandle,
  members: ReadonlyMap<string, TarMember>,
  key: string,
): Promise<number | undefined> {
  const text = async (extension: string): Promise<string | undefined> => {
    const member = members.get(extension);
    if (member === undefined || member.bytes > LABEL_BYTES_MAX) return undefined;
    return (await readAt(file, member.offset, member.bytes)).toString('utf8').trim();
  };
  const cls = await text('cls');
  if (cls !== undefined) return classNumber(cls === '' ? undefined : Number(cls));
  const json = await text('json');
  if (json === undefined) return undefined;
  const fields = parseJson(json, key);
  return classNumber(fields?.['label'] ?? fields?.['cls']);
}

function parseJson(text: string, key: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown> | null;
  } catch (error) {
    throw new Error(`${key}.json is not JSON: ${messageOf(error)}`, { cause: error });
  }
}

function classNumber(value: unknown): number | undefined {
  return isLabel(value) ? value : undefined;
}
