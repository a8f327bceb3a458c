/** Variables of a MATLAB file as a dataset needs them: lists of numbers and texts, and tables. */
import { invalidDataset } from './invalid-dataset.ts';
import { readMat, type MatArray } from './matlab.ts';

export class MatFile {
  readonly path: string;
  readonly #variables: ReadonlyMap<string, MatArray>;

  private constructor(path: string, variables: ReadonlyMap<string, MatArray>) {
    this.path = path;
    this.#variables = variables;
  }

  /**
   * @param path absolute
   * @throws CRESCENDO_DATASET_INVALID, as all methods
   */
  static async open(path: string): Promise<MatFile> {
    return new MatFile(path, await readMat(path));
  }

  /** Whole numbers. */
  numbers(name: string): number[] {
    const array = this.#variable(name);
    if (array.kind === 'numbers' && array.values.every(Number.isSafeInteger)) {
      return Array.from(array.values);
    }
    throw this.#unfit(name, array, 'whole numbers');
  }

  /** Texts in cells. */
  texts(name: string): string[] {
    const array = this.#variable(name);
    if (array.kind !== 'cells') throw this.#unfit(name, array, 'cells');
    return array.cells.map((cell, at) => this.#text(`${name}{${at + 1}}`, cell));
  }

  /** A whole number in a field of each structure. */
  fieldNumbers(name: string, field: string): number[] {
    return this.#field(name, field).map((value, at) => {
      const [number, ...others] = value.kind === 'numbers' ? value.values : [];
      if (Number.isSafeInteger(number) && others.length === 0) return number as number;
      throw this.#unfit(`${name}(${at + 1}).${field}`, value, 'one whole number');
    });
  }

  /** A text in a field of each structure. */
  fieldTexts(name: string, field: string): string[] {
    const values = this.#field(name, field);
    return values.map((value, at) => this.#text(`${name}(${at + 1}).${field}`, value));
  }

  #field(name: string, field: string): readonly MatArray[] {
    const { fields } = this.#structures(name);
    const values = fields.get(field);
    if (values !== undefined) return values;
    throw invalidDataset(
      `${name} in ${this.path} has no field ${field}, only ${[...fields.keys()].join(', ')}: it ` +
        'is of another dataset; fetch it anew',
    );
  }

  #structures(name: string): MatArray & { readonly kind: 'structures' } {
    const array = this.#variable(name);
    if (array.kind === 'structures') return array;
    throw this.#unfit(name, array, 'structures');
  }

  #text(name: string, array: MatArray): string {
    const [row, ...others] = array.kind === 'text' ? array.rows : [];
    if (row !== undefined && others.length === 0) return row;
    throw this.#unfit(name, array, 'one line of text');
  }

  #variable(name: string): MatArray {
    const array = this.#variables.get(name);
    if (array !== undefined) return array;
    const names = [...this.#variables.keys()].join(', ');
    throw invalidDataset(
      `${this.path} has no variable ${name}, only ${names || 'none'}: it is of another dataset; ` +
        'fetch it anew',
    );
  }

  #unfit(name: string, { kind }: MatArray, wanted: string): Error {
    return invalidDataset(
      `${name} in ${this.path} is not ${wanted} but ${kind}: it is of another dataset; ` +
        'fetch it anew',
    );
  }
}
