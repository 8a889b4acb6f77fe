import { cpus } from 'node:os';
import { join } from 'node:path';
import { version_core } from '@tensorflow/tfjs';
import { readJson, removeHalves, write, writeJson } from './files';
import { writePictures } from './pictures';
import { pathOf } from './plan';
import { reportHtml } from './report-html';
import { configRule, type EvaluationConfig, type Inputs, inputsRule } from './saved';
import { readRecords, type Summary, summarize } from './summary';
import { evalMarkdown, stepsCsv } from './tables';

/** The config and the inputs of a folder that was begun. */
export async function readFolder(
  folder: string,
): Promise<{ config: EvaluationConfig; inputs: Inputs }> {
  const config = await readJson(join(folder, pathOf.config), configRule);
  const inputs = await readJson(join(folder, pathOf.inputs), inputsRule);
  if (config && inputs) return { config, inputs };
  const message = `evaluate: ${folder} is not a folder that spgd evaluate began`;
  throw Object.assign(new Error(message), { name: 'InputError' });
}

const environmentOf = (config: EvaluationConfig, inputs: Inputs) => ({
  spgd: inputs.version,
  'TensorFlow.js': version_core,
  backend: config.backend,
  Node: `${process.versions.node} on ${process.platform}-${process.arch}`,
  processor: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
  models: Object.entries(inputs.models)
    .map(([key, digest]) => `${key} ${digest.slice(0, 12)}`)
    .join(', '),
});

/** Writes metrics.json, eval.md, steps.csv, the pictures and report.html from what is done. */
export async function writeReport(folder: string): Promise<Summary> {
  const { config, inputs } = await readFolder(folder);
  await removeHalves(folder);
  const records = await readRecords(folder, config, inputs);
  const summary = summarize(config, inputs, records);
  await writeJson(join(folder, 'metrics.json'), summary);
  await write(join(folder, 'eval.md'), evalMarkdown(summary));
  await write(join(folder, 'steps.csv'), stepsCsv(records));
  await writePictures(folder, summary);
  const environment = environmentOf(config, inputs);
  const html = await reportHtml({ folder, config, summary, records, environment });
  await write(join(folder, 'report.html'), html);
  return summary;
}
