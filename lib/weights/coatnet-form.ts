/**
 * The form of a CoAtNet (`model.coatnet`) in the metadata of weights files. Tensors do not
 * determine it: those of max and average pooling have the same shapes, but the wrong one gives
 * wrong results.
 */
import { CrescendoError, messageOf } from '../base/errors.ts';
import { parseRunText } from '../run/parse.ts';
import type { CoAtNetConfig, ModelConfig } from '../run/run-config.ts';

const KEY = 'coatnet';
/** Keys that must agree; tables for another image size are resized instead. */
const FIXED = ['pool', 'stride', 'expandFrom', 'head'] as const;

/** The metadata entries; empty for other families. */
export function formMetadata(
  model: Pick<ModelConfig, 'name' | 'coatnet' | 'table'>,
): Record<string, string> {
  return isCoAtNet(model) ? { [KEY]: JSON.stringify(model.coatnet) } : {};
}

function isCoAtNet({ name, table }: Pick<ModelConfig, 'name' | 'table'>): boolean {
  return table === undefined ? name.startsWith('coatnet-') : table.family === 'coatnet';
}

/**
 * The model with the form that a weights file states, if it is a CoAtNet and the file states one.
 * @param config the model as the flags or the run file have it
 * @param isFromRun whether the run file sets the form, instead of the model's default
 * @throws CRESCENDO_WEIGHTS_INVALID if the file contradicts a run file, or its form is damaged
 */
export function withStatedForm(
  path: string,
  metadata: Readonly<Record<string, string>>,
  config: ModelConfig,
  isFromRun: boolean,
): ModelConfig {
  const text = metadata[KEY];
  if (text === undefined || !isCoAtNet(config)) return config;
  const form = parseForm(path, text, config.name);
  if (!isFromRun) return { ...config, coatnet: form };
  const wrong = FIXED.find((key) => form[key] !== config.coatnet[key]);
  if (wrong === undefined) return config;
  throw new CrescendoError(
    'CRESCENDO_WEIGHTS_INVALID',
    `${path} holds a CoAtNet with ${wrong} ${form[wrong]}, and the run file has ` +
      `model.coatnet.${wrong} ${config.coatnet[wrong]}: give the run file of these weights`,
  );
}

function parseForm(path: string, text: string, name: string): CoAtNetConfig {
  try {
    const coatnet: unknown = JSON.parse(text);
    return parseRunText(JSON.stringify({ model: { name, coatnet } }), 'its metadata').model.coatnet;
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_WEIGHTS_INVALID',
      `${path} states a form of CoAtNet (coatnet) that cannot be read: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
