import type { ListedSample, ListedSamples, SampleList } from '../../../shared/api/inspect';
import { elements } from '../../../shared/layers/sizes';
import type { SplitName } from '../../../shared/project/data';
import type { Preprocessing } from '../../../shared/project/preprocessing';
import { classAnswers, lossOf } from '../../../shared/training/evaluate';
import { inSlices } from '../../slices';
import type { LabContext } from '../context';
import type { ProjectSession } from '../session';
import type { Inspection } from './inspection';

/** Neighbouring samples of a split with the network's answer to each. */
export interface Judged {
  /** Index of the first one. */
  from: number;
  outputs: Float32Array;
  losses: number[];
  /** Null where the answer is no class. */
  right: boolean[] | null;
  /** Indices in the orders that were asked for. */
  orders: Map<string, number[]>;
}

/** Samples to choose from. Only a sorted or a shortened list takes an answer to every sample of the split. */
export async function listSamples(
  { datasets }: LabContext,
  session: ProjectSession,
  inspection: Inspection,
  { split, sort, only, offset, limit }: ListedSamples,
): Promise<SampleList> {
  const { data, recipe } = inspection.specimen;
  const { rows, count } = data.splits[split];
  const { input } = data.preprocessing;
  const whole = sort === 'number' && only === 'all' ? null : await judgedSplit(inspection, split);
  const order = whole && orderOf(whole, sort, only);
  const total = order?.length ?? count;
  const shown = Math.max(0, Math.min(limit, total - offset));
  const indices = Array.from({ length: shown }, (_, place) => order?.[offset + place] ?? offset + place);
  const judged = whole ?? (await judge(inspection, split, offset, shown));
  const listed = indices.map((index) => ({ ...judgement(inspection, split, judged, index), index }));
  const places = indices.map((index) => rows[index] ?? index);
  const list = { total, columns: [], image: null };
  if (input.kind === 'image') {
    const [channels = 1, height = 1, width = 1] = input.shape;
    const samples = listed.map((own, place) => ({
      ...own,
      row: places[place] ?? 0,
      cells: [],
      pixels: pixelsOf(inspection, split, own.index, input),
    }));
    return { ...list, image: { channels, height, width }, samples };
  }
  return datasets.use(session, recipe, async (dataset) => {
    const cells = await dataset.rowsAt(places);
    const columns = dataset.summary.columns.map(({ name }) => name);
    const samples = listed.map((own, place) => ({
      ...own,
      row: places[place] ?? 0,
      cells: cells[place] ?? [],
      pixels: null,
    }));
    return { ...list, columns, samples };
  });
}

function judgedSplit(inspection: Inspection, split: SplitName): Promise<Judged> {
  const known = inspection.judged.get(split);
  if (known) return known;
  const asked = judge(inspection, split, 0, inspection.specimen.data.splits[split].count);
  inspection.judged.set(split, asked);
  // Another try may succeed: the engine process may have died meanwhile.
  asked.catch(() => inspection.judged.delete(split));
  return asked;
}

async function judge(inspection: Inspection, split: SplitName, from: number, count: number): Promise<Judged> {
  const { data, loss, lossOptions } = inspection.specimen;
  const { targets } = data.splits[split];
  const none = { from, outputs: new Float32Array(0), losses: [], right: null, orders: new Map<string, number[]>() };
  if (count === 0) return none;
  const outputs = await inspection.outputs(split, from, count);
  const width = outputs.length / count;
  const rows = Array.from({ length: count }, (_, row) => row);
  const losses = await inSlices(rows, (row) => {
    const own = outputs.subarray(row * width, (row + 1) * width);
    return lossOf(loss, { outputs: own, targets: targetOf(targets, from + row, width), count: 1, width }, lossOptions);
  });
  const { target } = data.preprocessing;
  if (target.kind !== 'classes') return { ...none, outputs, losses };
  // What is no number is no answer, whichever class comes out.
  const right = classAnswers(loss, outputs, count, target.classes.length).map(
    ({ predicted }, row) => !Number.isNaN(losses[row]) && predicted === Number(targets[from + row]),
  );
  return { ...none, outputs, losses, right };
}

function targetOf<Targets extends Float32Array | BigInt64Array>(targets: Targets, row: number, width: number): Targets {
  const size = targets instanceof BigInt64Array ? 1 : width;
  return targets.subarray(row * size, (row + 1) * size) as Targets;
}

function orderOf(
  { losses, right, orders }: Judged,
  sort: ListedSamples['sort'],
  only: ListedSamples['only'],
): number[] {
  const key = `${sort} ${only}`;
  const known = orders.get(key);
  if (known) return known;
  const order = losses.map((_, index) => index).filter((index) => only === 'all' || right?.[index] === false);
  // A loss that is no number is the worst there is. Equal ones stay in their order.
  const size = (index: number) => (Number.isNaN(losses[index]) ? Infinity : (losses[index] ?? 0));
  if (sort === 'loss') order.sort((a, b) => (size(a) === size(b) ? a - b : size(b) - size(a)));
  orders.set(key, order);
  return order;
}

function judgement(
  { specimen: { data, loss } }: Inspection,
  split: SplitName,
  { from, outputs, losses, right }: Judged,
  index: number,
): Pick<ListedSample, 'desired' | 'answer' | 'confidence' | 'right' | 'loss'> {
  const place = index - from;
  const width = outputs.length / losses.length;
  const { targets } = data.splits[split];
  const { target } = data.preprocessing;
  const own = outputs.subarray(place * width, (place + 1) * width);
  const shared = { right: right?.[place] ?? null, loss: losses[place] ?? NaN };
  if (target.kind === 'numbers') {
    const raw = (values: ArrayLike<number>) =>
      target.columns.map(({ offset, scale }, column) => (values[column] ?? NaN) * scale + offset);
    const desired = targets instanceof Float32Array ? raw(targetOf(targets, index, width)) : [];
    return { ...shared, desired, answer: raw(own), confidence: null };
  }
  const [{ predicted, confidence } = { predicted: 0, confidence: null }] = classAnswers(
    loss,
    own,
    1,
    target.classes.length,
  );
  return { ...shared, desired: [Number(targets[index])], answer: [predicted], confidence };
}

function pixelsOf(
  { specimen: { data } }: Inspection,
  split: SplitName,
  index: number,
  { offset, scale }: Extract<Preprocessing['input'], { kind: 'image' }>,
): Uint8Array {
  const size = elements(data.inputShape);
  const values = data.splits[split].inputs.subarray(index * size, (index + 1) * size);
  return Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round(value * scale + offset))));
}
