// Writes deploy/grafana/dashboards/crescendo.json: one row of panels per question an engineer asks.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const part = (name) =>
  `rate(crescendo_step_duration_seconds_sum{part="${name}"}[1m]) / ` +
  `rate(crescendo_step_duration_seconds_count{part="${name}"}[1m])`;

// title, unit, kind, then [query, legend] pairs
const PANELS = [
  ['Progress', 'percentunit', 'stat', ['crescendo_progress_ratio', '']],
  ['Time left', 's', 'stat', ['crescendo_eta_seconds', '']],
  ['Workers', 'none', 'stat', ['crescendo_workers{state="member"}', '']],
  ['Generation', 'none', 'stat', ['crescendo_generation', '']],
  [
    'Throughput',
    'images/s',
    'timeseries',
    ['rate(crescendo_samples_committed_total[1m])', 'cluster'],
  ],
  [
    'Images per second of compute time',
    'images/s',
    'timeseries',
    ['crescendo_worker_images_per_second', 'slot {{slot}}'],
  ],
  ['Loss', 'none', 'timeseries', ['crescendo_loss', '{{split}}']],
  ['Accuracy', 'percentunit', 'timeseries', ['crescendo_accuracy_ratio', '{{split}}']],
  ['Phase', 'none', 'timeseries', ['crescendo_schedule_phase', 'phase']],
  ['Image size', 'px', 'timeseries', ['crescendo_schedule_image_size_pixels', 'px']],
  [
    'Regularization',
    'none',
    'timeseries',
    ['crescendo_schedule_dropout_ratio', 'dropout'],
    ['crescendo_schedule_mixup_alpha', 'mixup alpha'],
    ['crescendo_schedule_randaugment_magnitude', 'RandAugment magnitude'],
  ],
  ['Learning rate', 'none', 'timeseries', ['crescendo_learning_rate', 'learning rate']],
  [
    'Step time by part',
    's',
    'timeseries',
    [part('total'), 'total'],
    [part('compute'), 'compute'],
    [part('all-reduce'), 'all-reduce'],
    [part('apply'), 'apply'],
  ],
  [
    'Lag behind the fastest worker',
    's',
    'timeseries',
    ['crescendo_worker_arrival_lag_seconds', 'slot {{slot}}'],
  ],
  [
    'Others wait for a worker',
    'percentunit',
    'timeseries',
    ['crescendo_worker_straggler', 'slot {{slot}}: {{reason}}'],
  ],
  [
    'Share of the time in which a worker waits for images',
    'percentunit',
    'timeseries',
    ['rate(crescendo_worker_input_wait_seconds_total[1m])', 'slot {{slot}}'],
  ],
  [
    'Units that others did for a slow worker',
    'none',
    'timeseries',
    ['increase(crescendo_units_stolen_total[5m])', 'slot {{slot}}'],
  ],
  [
    'Bytes sent by a worker to its peers',
    'Bps',
    'timeseries',
    ['rate(crescendo_worker_all_reduce_bytes_total[1m])', 'slot {{slot}}'],
  ],
  ['Tensors alive', 'none', 'timeseries', ['crescendo_worker_tensors', 'slot {{slot}}']],
  ['Gradient norm', 'none', 'timeseries', ['crescendo_gradient_norm', 'norm']],
  [
    'Joins, losses, repeated attempts',
    'none',
    'timeseries',
    ['increase(crescendo_membership_changes_total[5m])', '{{reason}}'],
    ['increase(crescendo_attempts_aborted_total[5m])', 'attempts repeated'],
    ['increase(crescendo_nonfinite_steps_total[5m])', 'steps skipped'],
  ],
  ['Samples that cannot be read', 'none', 'timeseries', ['crescendo_bad_samples', 'samples']],
];

let x = 0;
let y = 0;
const panels = PANELS.map(([title, unit, type, ...queries], index) => {
  const [w, h] = type === 'stat' ? [6, 4] : [12, 8];
  if (x + w > 24) {
    x = 0;
    y += h;
  }
  const gridPos = { x, y, w, h };
  x += w;
  if (type === 'stat' && x >= 24) {
    x = 0;
    y += h;
  }
  return {
    id: index + 1,
    title,
    type,
    gridPos,
    datasource: { type: 'prometheus', uid: 'prometheus' },
    fieldConfig: { defaults: { unit }, overrides: [] },
    targets: queries.map(([expr, legendFormat], at) => ({
      refId: String.fromCharCode(65 + at),
      expr,
      legendFormat,
    })),
  };
});
const dashboard = {
  uid: 'crescendo',
  title: 'Crescendo training',
  schemaVersion: 39,
  refresh: '5s',
  time: { from: 'now-30m', to: 'now' },
  panels,
};
const path = join(root, 'deploy', 'grafana', 'dashboards', 'crescendo.json');
writeFileSync(path, JSON.stringify(dashboard, null, 2) + '\n');
