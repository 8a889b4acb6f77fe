import { checkInteger, checkRange, checkType } from '../internal/check';
import { plainText } from '../internal/plain-text';
import type { ModelMetadata, Preconditioning, ProgramMetadata } from './model-metadata';
import { checkTaskSettings } from './task-settings';

const largestSide = 65_536;
const longestText = 64;
const processes = ['vp', 'edm', 've', 'iddpm', 'noise-level', 'ddpm'];
const largestNumber = 1e6;
const longestTold = 400;

/** An integer that no network exceeds. */
function checkCount(model: string, field: string, value: number, least: number): void {
  checkType(typeof value === 'number', model, field, 'a number', shown(value));
  checkInteger(model, field, value, least);
  checkRange(value <= largestSide, model, field, `at most ${largestSide}`, value);
}

const shown = (value: unknown): string => plainText(JSON.stringify(value) ?? 'nothing', 60);

/** Checks what any model says of itself, which comes from a file. Errors begin with its name. */
export function checkProgramMetadata(model: string, { size, architecture }: ProgramMetadata): void {
  const isSide = (side: unknown) =>
    Number.isInteger(side) && (side as number) >= 1 && (side as number) <= largestSide;
  const valid = Array.isArray(size) && size.length === 2 && size.every(isSide);
  const rule = `height and width, integers from 1 to ${largestSide}`;
  checkRange(valid, model, 'metadata size', rule, shown(size));
  const named = typeof architecture === 'string' && architecture.length <= longestText;
  const kind = `text of at most ${longestText} characters`;
  checkType(named, model, 'metadata architecture', kind, shown(architecture));
}

/** Checks what is only shown: short texts and a size. */
function checkTold(model: string, { origin, license, trainingSize }: ModelMetadata): void {
  const texts = [license, origin?.name, origin?.revision, origin?.file];
  const isShort = (text: unknown) =>
    text === undefined || (typeof text === 'string' && text.length <= longestTold);
  const rule = `texts of at most ${longestTold} characters`;
  checkType(texts.every(isShort), model, 'metadata origin and license', rule, shown(texts));
  if (trainingSize === undefined) return;
  const isPair = Array.isArray(trainingSize) && trainingSize.length === 2;
  checkType(isPair, model, 'metadata trainingSize', 'height and width', shown(trainingSize));
  for (const side of trainingSize) checkCount(model, 'metadata trainingSize', side, 1);
}

/** Checks how a network is used: a process known here, and numbers that a training can have. */
function checkPreconditioning(model: string, preconditioning: Preconditioning): void {
  if (!processes.includes(preconditioning.name))
    throw new RangeError(
      `${model}: unknown preconditioning ${shown(Object(preconditioning).name)}`,
    );
  for (const [field, value] of Object.entries(preconditioning)) {
    const isSound = typeof value !== 'number' || (value >= 0 && value <= largestNumber);
    checkRange(isSound, model, `metadata ${field}`, `from 0 to ${largestNumber}`, shown(value));
  }
  if (preconditioning.name !== 'ddpm') return;
  const { betas } = preconditioning;
  checkType(Array.isArray(betas), model, 'metadata betas', 'a list', shown(betas));
  const isShort = betas.length <= largestNumber;
  checkRange(isShort, model, 'metadata betas', `at most ${largestNumber} numbers`, betas.length);
}

/** Checks what the model of a denoiser says of itself, which comes from a file. */
export function checkModelMetadata(model: string, metadata: ModelMetadata): void {
  const { inChannels, multipleOf, classes, mirrored = true, preconditioning, settings } = metadata;
  checkCount(model, 'metadata inChannels', inChannels, 1);
  checkCount(model, 'metadata multipleOf', multipleOf, 1);
  checkCount(model, 'metadata classes', classes, 0);
  checkType(mirrored === true, model, 'metadata mirrored', 'true or left out', shown(mirrored));
  if (preconditioning) checkPreconditioning(model, preconditioning);
  checkTold(model, metadata);
  if (settings !== undefined) checkTaskSettings(model, settings);
}
