/** A real Prometheus scrapes a real run; every query of dashboard and alerts is answered. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync, copyFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { CommandProcess } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;
const SKIP = hasPrometheus ? false : 'prometheus is not installed: scripts/install-prometheus.sh';
const DEPLOY = join(PROJECT_ROOT, 'deploy');

interface Dashboard {
  readonly panels: readonly { title: string; targets: readonly { expr: string }[] }[];
}

const dashboard = JSON.parse(
  readFileSync(join(DEPLOY, 'grafana', 'dashboards', 'crescendo.json'), 'utf8'),
) as Dashboard;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('promtool accepts the scrape configuration and the alerts', { skip: SKIP }, () => {
  for (const args of [
    ['check', 'config', join(DEPLOY, 'prometheus.yml')],
    ['check', 'rules', join(DEPLOY, 'alerts.yml')],
  ]) {
    const result = spawnSync('promtool', args, { encoding: 'utf8' });
    assert.equal(result.status, 0, result.stdout + result.stderr);
  }
});

test(
  'every dashboard query returns data from a real run, workers found through the coordinator',
  { skip: SKIP, timeout: 180_000 },
  async (context) => {
    const folder = temporaryFolder(context);
    const file = writeRunFile(folder, {
      dataset: { trainSamplesMax: 2000 },
      training: { epochs: 200 },
    });
    const port = await freePort();
    const prometheusPort = await freePort();
    const run = new CommandProcess(context, [
      'train',
      file,
      '--workers',
      '2',
      '--port',
      String(port),
      '--runs',
      join(folder, 'runs'),
    ]);
    const config = readFileSync(join(DEPLOY, 'prometheus.yml'), 'utf8')
      .replaceAll('localhost:9464', `localhost:${port}`)
      .replaceAll('5s', '1s');
    writeFileSync(join(folder, 'prometheus.yml'), config);
    copyFileSync(join(DEPLOY, 'alerts.yml'), join(folder, 'alerts.yml'));
    await run.line(/phase 1\/2/);
    const prometheus = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'tsdb')}`,
        `--web.listen-address=127.0.0.1:${prometheusPort}`,
      ],
      { stdio: 'ignore' },
    );
    context.after(() => prometheus.kill('SIGKILL'));
    const query = async (expr: string): Promise<unknown[]> => {
      const url = `http://127.0.0.1:${prometheusPort}/api/v1/query?query=${encodeURIComponent(expr)}`;
      const response = await fetch(url);
      const body = (await response.json()) as { status: string; data: { result: unknown[] } };
      assert.equal(body.status, 'success', expr);
      return body.data.result;
    };
    const waiting = new Set(
      dashboard.panels.flatMap((panel) => panel.targets.map((target) => target.expr)),
    );
    assert.ok(waiting.size >= 15);
    const deadlineMs = performance.now() + 90_000;
    while (waiting.size > 0 && performance.now() < deadlineMs) {
      for (const expr of waiting) {
        const result = await query(expr).catch(() => []);
        if (result.length > 0) waiting.delete(expr);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    assert.deepEqual([...waiting], [], 'queries without data');
    const workers = await query('count(crescendo_worker_step) by (job)');
    assert.match(JSON.stringify(workers), /crescendo-workers.*"2"/);
  },
);
