/** Opens the weights from which a run starts; every worker must find the same file. */
import { CrescendoError, messageOf } from '../base/errors.ts';
import { sha256OfFile } from '../run/file-hash.ts';
import type { ModelConfig } from '../run/run-config.ts';
import { classNamesOf } from './class-names.ts';
import { withStatedForm } from './coatnet-form.ts';
import { requireStatedModel, useOf } from './description.ts';
import type { FileWeights } from './fit-weights.ts';
import { openTensorSource } from './open-tensor-source.ts';
import { invalidWeights, type StoredTensor } from './tensor-source.ts';

const CLASSIFIER_BIAS = 'head.dense.bias';

export interface InitialWeights extends FileWeights<StoredTensor> {
  /** How its images were prepared; undefined where the file does not say. */
  readonly preprocessing: string | undefined;
  /** Closes the file; tensors cannot be read afterwards. */
  close(): void;
}

/**
 * @param sha256 SHA-256 of the coordinator's file
 * @param model the model that starts from the weights
 * @throws CRESCENDO_WEIGHTS_INVALID if the file cannot be read, is another file, of another kind,
 *   or of another form of the model
 */
export async function openInitialWeights(
  path: string,
  sha256: string | undefined,
  model: ModelConfig,
): Promise<InitialWeights> {
  const found = hashOf(path);
  if (found !== sha256) {
    throw new CrescendoError(
      'CRESCENDO_WEIGHTS_INVALID',
      `initial weights ${path} have SHA-256 ${found} here, and ${sha256 ?? 'none'} where the run ` +
        "was started: put the coordinator's file there",
    );
  }
  const source = await openTensorSource(path);
  const { container, tensors, metadata } = source;
  const close = (): void => {
    source.close();
  };
  const other = tensors.find((tensor) => !tensor.isFloat);
  if (container !== 'safetensors' || other !== undefined) {
    close();
    throw invalidWeights(
      path,
      other !== undefined && container === 'safetensors'
        ? `holds ${other.name} as ${other.type}; only F32, F16, BF16 are read`
        : `is of another framework (${container}): turn it into a file of this project with ` +
            'crescendo import, and give that as initialWeights',
    );
  }
  let preprocessing: string | undefined;
  try {
    const use = useOf(path, metadata);
    requireStatedModel(path, use?.model, model, 'the run file');
    preprocessing = use?.preprocessing ?? metadata['preprocessing'];
    withStatedForm(path, metadata, model, true);
  } catch (error) {
    close();
    throw error;
  }
  const bias = tensors.find(({ name }) => name === CLASSIFIER_BIAS);
  const classNames = classNamesOf(metadata, bias?.shape[0] ?? 0);
  return { tensors, classNames, preprocessing, close };
}

function hashOf(path: string): string {
  try {
    return sha256OfFile(path);
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_WEIGHTS_INVALID',
      `initial weights ${path} cannot be read (${messageOf(error)}): put the coordinator's file ` +
        'there',
      { cause: error },
    );
  }
}
