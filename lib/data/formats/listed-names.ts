/** Finds the files that a list means: beside it or in a folder there, by full or bare names. */
import { posix } from 'node:path';
import { isImageName } from './folder-listing.ts';
import { listed } from './invalid-dataset.ts';
import { splitOf } from './shard-files.ts';

/** A path, or what is wrong. */
export type Found = { readonly path: string } | { readonly problem: string };

type Paths = ReadonlyMap<string, readonly string[]>;

export class ListedNames {
  readonly #root: string;
  readonly #files: ReadonlySet<string>;
  /** Where names are looked for: the list's folder, then the dataset's. */
  readonly #places: readonly NamesBelow[];

  /**
   * @param root absolute path of the dataset's folder
   * @param files relative to it
   * @param folder that of the list, relative to the root; `.` is the root itself
   */
  constructor(root: string, files: ReadonlySet<string>, folder: string) {
    this.#root = root;
    this.#files = files;
    const insides = folder === '.' ? [''] : [`${folder}/`, ''];
    this.#places = insides.map((inside) => new NamesBelow(files, inside));
  }

  /** @param split by which one of several is chosen whose folder names it */
  find(file: string, split: string | undefined): Found {
    for (const place of this.#places) {
      const name = this.#plain(file, place.inside);
      const beside = `${place.inside}${name}`;
      if (this.#files.has(beside)) {
        if (isImageName(beside)) return { path: beside };
        return { problem: `'${file}' is no image (jpg, jpeg, png, webp or gif)` };
      }
      const found = place.find(name);
      const [first] = found;
      if (first === undefined) continue;
      if (found.length === 1) return { path: first };
      const wanted = split === undefined ? undefined : splitOf(split);
      const [fitting, ...others] = found.filter((path) => splitOf(path) === wanted);
      if (fitting !== undefined && others.length === 0) return { path: fitting };
      return { problem: `'${file}' may be any of ${listed(found)}` };
    }
    return { problem: `there is no '${file}'` };
  }

  /** The name as this machine writes it, and relative. */
  #plain(file: string, inside: string): string {
    const slashed = this.#files.has(`${inside}${file}`) ? file : file.replaceAll('\\', '/');
    const begin = `${this.#root}/${inside}`;
    return posix.normalize(slashed.startsWith(begin) ? slashed.slice(begin.length) : slashed);
  }
}

/** Images below a folder, by parts of their names. */
class NamesBelow {
  /** The folder with a slash; empty for the dataset's own. */
  readonly inside: string;
  readonly #files: ReadonlySet<string>;
  /** By name below a folder in this one; and by names without extensions. Made when needed. */
  #inFolders: Paths | undefined;
  #bare: Paths | undefined;
  #bareInFolders: Paths | undefined;

  constructor(files: ReadonlySet<string>, inside: string) {
    this.inside = inside;
    this.#files = files;
  }

  /** Images in a folder here, or also without their extension if the name has none. */
  find(name: string): readonly string[] {
    const inFolders = (this.#inFolders ??= this.#by(belowFolder)).get(name);
    if (inFolders !== undefined || isImageName(name)) return inFolders ?? [];
    const bare = (this.#bare ??= this.#by(withoutExtension)).get(name);
    if (bare !== undefined) return bare;
    this.#bareInFolders ??= this.#by((path) => withoutExtension(belowFolder(path)));
    return this.#bareInFolders.get(name) ?? [];
  }

  #by(partOf: (path: string) => string): Paths {
    const paths = new Map<string, string[]>();
    for (const path of this.#files) {
      if (!isImageName(path) || !path.startsWith(this.inside)) continue;
      const part = partOf(path.slice(this.inside.length));
      const same = paths.get(part);
      if (same === undefined) paths.set(part, [path]);
      else same.push(path);
    }
    return paths;
  }
}

function belowFolder(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}

function withoutExtension(path: string): string {
  return path.slice(0, path.lastIndexOf('.'));
}
