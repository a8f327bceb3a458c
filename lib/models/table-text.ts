/** A network's table as a run file gives it, one stage a line. Pure. */
import type { ModelConfig, NetworkTable, TableStage } from '../run/run-config.ts';

const KEYS: Readonly<Record<TableStage['operation'], readonly (keyof TableStage)[]>> = {
  'fused-mbconv': ['kernel', 'stride', 'expansion', 'width', 'layers', 'squeezeRatio'],
  mbconv: ['kernel', 'stride', 'expansion', 'width', 'layers', 'squeezeRatio'],
  attention: ['stride', 'expansion', 'width', 'layers', 'headWidth'],
  'convolution-group': ['stride', 'width', 'layers'],
  bottleneck: ['stride', 'expansion', 'width', 'layers'],
};

/** What else of `model` decides what the network is. */
const FORM = ['stemStride', 'stochasticDepthRate', 'batchNormMomentum'] as const;

/** YAML of `model`, with what the family's networks have and no more. */
export function tableText(
  name: string,
  { family, stem, stages, head }: NetworkTable,
  form: Pick<ModelConfig, (typeof FORM)[number]>,
): string {
  const cells = stages.map((stage) => [
    `operation: ${stage.operation}`,
    ...KEYS[stage.operation].map((key) => `${key}: ${stage[key]}`),
  ]);
  const lines = cells.map((row) => `      - { ${row.join(', ')} }`);
  return [
    'model:',
    `  name: ${JSON.stringify(name)}`,
    ...FORM.map((key) => `  ${key}: ${form[key]}`),
    '  table:',
    `    family: ${family}`,
    `    stem: ${stem}`,
    ...(family === 'efficientnet' ? [`    head: ${head}`] : []),
    '    stages:',
    ...lines,
    '',
  ].join('\n');
}
