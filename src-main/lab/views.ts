import type { LaneView } from '../../shared/api/experiments';
import type { Preprocessing } from '../../shared/project/preprocessing';
import { classAnswers } from '../../shared/training/evaluate';
import type { LossName } from '../../shared/training/settings';
import type { PreparedData, PreparedSplit } from '../data/dataset';
import type { LabContext } from './context';
import type { Experiment, ExperimentRegistry } from './experiment-registry';
import type { FrozenExperiment } from './experiment-files';
import { laneOutputs } from './lane-outputs';
import type { ProjectSession } from './session';

const fitPoints = 160;
const mapResolution = 48;
const sampleRows = 12;
/** Room around the data in a fit or a map, as a share of their range. */
const margin = 0.08;

type Scaling = { offset: number; scale: number };
type Answer = (inputs: Float32Array, count: number) => Promise<{ id: string; outputs: Float32Array }[]>;

/** What the given lanes have learnt so far, as the kind of picture that suits the data. */
export async function viewLanes(
  context: LabContext,
  experiments: ExperimentRegistry,
  session: ProjectSession,
  experiment: Experiment,
  lanes: readonly string[],
): Promise<LaneView | null> {
  const { frozen, status } = experiment;
  for (const lane of lanes) experiments.laneIndex(experiment, lane);
  // Not a single checkpoint yet and nothing running: there are no weights to show.
  if (!experiment.run && status.checkpointEpoch === null) return null;
  const data = await context.datasets.use(session, frozen.data, (dataset) => dataset.tensors());
  const answer: Answer = async (inputs, count) => {
    const all: { id: string; outputs: Float32Array }[] = [];
    for (const id of lanes) {
      const { outputs } = await laneOutputs(context, experiments, experiment, { id, which: 'last' }, inputs, count);
      all.push({ id, outputs });
    }
    return all;
  };
  const { input, target } = frozen.preprocessing;
  const scalings = numericInputs(input);
  const [first, second] = scalings ?? [];
  const numbers = target.kind === 'numbers' ? target.columns : null;
  const [value] = numbers?.length === 1 ? numbers : [];
  if (first && !second && value) return fitView(data, first, value, answer);
  if (first && second && scalings?.length === 2 && (target.kind === 'classes' || value))
    return mapView(data, [first, second], frozen, answer);
  return samplesView(data, frozen, answer);
}

async function fitView(data: PreparedData, x: Scaling, y: Scaling, answer: Answer): Promise<LaneView> {
  const [low, high] = range(data, 0, 1);
  const inputs = Float32Array.from({ length: fitPoints }, (_, index) => low + ((high - low) * index) / (fitPoints - 1));
  const lanes = await answer(inputs, fitPoints);
  return {
    kind: 'fit',
    x: Array.from(inputs, (value) => raw(value, x)),
    lanes: lanes.map(({ id, outputs }) => ({ id, y: Array.from(outputs, (value) => raw(value, y)) })),
  };
}

async function mapView(
  data: PreparedData,
  scalings: [Scaling, Scaling],
  { preprocessing: { target }, loss }: FrozenExperiment,
  answer: Answer,
): Promise<LaneView> {
  const [xLow, xHigh] = range(data, 0, 2);
  const [yLow, yHigh] = range(data, 1, 2);
  const count = mapResolution ** 2;
  const inputs = new Float32Array(count * 2);
  for (let cell = 0; cell < count; cell++) {
    // Centres of the cells; row 0 is the lowest y.
    inputs[2 * cell] = xLow + ((xHigh - xLow) * ((cell % mapResolution) + 0.5)) / mapResolution;
    inputs[2 * cell + 1] = yLow + ((yHigh - yLow) * (Math.floor(cell / mapResolution) + 0.5)) / mapResolution;
  }
  const answers = await answer(inputs, count);
  const place = {
    kind: 'map' as const,
    xRange: [raw(xLow, scalings[0]), raw(xHigh, scalings[0])] as [number, number],
    yRange: [raw(yLow, scalings[1]), raw(yHigh, scalings[1])] as [number, number],
    resolution: mapResolution,
  };
  if (target.kind === 'classes') {
    const classes = target.classes.length;
    const lanes = answers.map(({ id, outputs }) => ({ id, cells: classCells(loss, outputs, count, classes) }));
    return { ...place, lanes, classes: target.classes, valueRange: null };
  }
  const scaling = target.columns[0] ?? { offset: 0, scale: 1 };
  const values = answers.map(({ id, outputs }) => ({
    id,
    values: Array.from(outputs, (value) => raw(value, scaling)),
  }));
  const valueRange = targetRange(data, scaling);
  return {
    ...place,
    lanes: values.map((lane) => ({ id: lane.id, cells: lane.values.map((value) => quantise(value, valueRange)) })),
    classes: null,
    valueRange,
  };
}

async function samplesView(
  data: PreparedData,
  { preprocessing, loss }: FrozenExperiment,
  answer: Answer,
): Promise<LaneView> {
  const split = data.splits.validation.count > 0 ? data.splits.validation : data.splits.training;
  const count = Math.min(sampleRows, split.count);
  const width = data.inputShape.reduce((product, size) => product * size, 1);
  const answers = await answer(split.inputs.slice(0, count * width), count);
  const { target } = preprocessing;
  const rows = Array.from({ length: count }, (_, index) => ({
    row: split.rows[index] ?? index,
    label: targetLabel(split, index, target),
    ...picture(split.inputs.subarray(index * width, (index + 1) * width), preprocessing),
  }));
  return {
    kind: 'samples',
    rows,
    lanes: answers.map(({ id, outputs }) => ({ id, predictions: predictions(loss, outputs, count, split, target) })),
  };
}

function predictions(
  loss: LossName,
  outputs: Float32Array,
  count: number,
  split: PreparedSplit,
  target: Preprocessing['target'],
): { label: string; confidence: number | null; right: boolean | null }[] {
  if (target.kind === 'numbers') {
    const width = outputs.length / count;
    return Array.from({ length: count }, (_, row) => ({
      label: target.columns.map((column, index) => shown(raw(outputs[row * width + index] ?? NaN, column))).join(', '),
      confidence: null,
      right: null,
    }));
  }
  return classAnswers(loss, outputs, count, target.classes.length).map(({ predicted, confidence }, row) => ({
    label: target.classes[predicted] ?? '',
    confidence,
    right: predicted === Number(split.targets[row]),
  }));
}

/** Pixels of the first channel as grey levels, for images. */
function picture(values: Float32Array, { input }: Preprocessing) {
  if (input.kind !== 'image') return { pixels: null, height: 0, width: 0 };
  const [height = 0, width = 0] = input.shape.slice(-2);
  const pixels = Uint8Array.from(values.subarray(0, height * width), (value) =>
    Math.min(255, Math.max(0, Math.round(raw(value, input)))),
  );
  return { pixels, height, width };
}

function targetLabel(split: PreparedSplit, row: number, target: Preprocessing['target']): string {
  if (target.kind === 'classes') return target.classes[Number(split.targets[row])] ?? '';
  const width = target.columns.length;
  return target.columns
    .map((column, index) => shown(raw(Number(split.targets[row * width + index]), column)))
    .join(', ');
}

function classCells(loss: LossName, outputs: Float32Array, count: number, classes: number): number[] {
  return classAnswers(loss, outputs, count, classes).map(
    ({ predicted, confidence }) => predicted * 256 + (Number.isFinite(confidence) ? Math.round(confidence * 255) : 0),
  );
}

function quantise(value: number, [low, high]: [number, number]): number {
  const share = high > low ? (value - low) / (high - low) : 0.5;
  return Number.isFinite(share) ? Math.round(Math.min(1, Math.max(0, share)) * 65535) : 0;
}

/** Of the one column of training targets; the same for all lanes, so that their maps can be compared. */
function targetRange(data: PreparedData, scaling: Scaling): [number, number] {
  const { low, high } = extent(data.splits.training.targets, 0, 1);
  return [raw(low, scaling), raw(high, scaling)];
}

/** Range of one input over training and validation, as the network sees it, with some room. */
function range(data: PreparedData, column: number, width: number): [number, number] {
  const parts = [data.splits.training, data.splits.validation].map(({ inputs }) => extent(inputs, column, width));
  const low = Math.min(...parts.map((part) => part.low));
  const high = Math.max(...parts.map((part) => part.high));
  const room = (high - low) * margin || 1;
  return [low - room, high + room];
}

function extent(values: Float32Array | BigInt64Array, column: number, width: number): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (let index = column; index < values.length; index += width) {
    const value = Number(values[index]);
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}

/** Scaling of each input where all are plain numbers; null for images, text and dates among them. */
function numericInputs(input: Preprocessing['input']): Scaling[] | null {
  if (input.kind !== 'columns') return null;
  const scalings: Scaling[] = [];
  for (const column of input.columns) {
    if (column.encoding !== 'number') return null;
    scalings.push(column);
  }
  return scalings;
}

function raw(value: number, { offset, scale }: Scaling): number {
  return value * scale + offset;
}

function shown(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : '–';
}
