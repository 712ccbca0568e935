import type { DataImages, DataPage, DataSummary, ImportReport } from '../../../shared/api/data';
import { LabError } from '../../../shared/errors';
import type { LayerIssue } from '../../../shared/layers/definition';
import type { DataRecipe, SplitRecipe } from '../../../shared/project/data';
import type { DataColumn, Dataset, PreparedData } from '../dataset';
import { fileFacts, resolveDataPath, sha256OfFile } from '../file';
import { sortedLabels } from '../labels';
import { PreparedOnce } from '../prepared-once';
import { bySplit, checkMemory, classTargets } from '../recipe/prepare';
import { splitByRatio, splitNames, tooLargeSum, type SplitRows } from '../recipe/split';
import { scalingOf, type Scaling } from '../recipe/statistics';
import { classBalance } from '../row-dataset';
import type { LabelColumn } from '../source';
import { emptySummary, labelSummary, plainReport } from '../summaries';
import { TensorCache } from '../tensor-cache';
import { idxIntegers, idxTypeName, isImageHeader, isLabelHeader, readIdxHeader, readIdxValues } from './format';
import { at } from '../at';

type IdxRecipe = Extract<DataRecipe, { kind: 'idx' }>;

const targetName = 'label';

interface Images {
  count: number;
  /** [channels, height, width] */
  shape: [number, number, number];
  /** [count, channels, height, width] */
  pixels: Buffer;
  labels: LabelColumn;
  report: ImportReport;
  hashes: [string, string];
}

export async function openImages(
  recipe: IdxRecipe,
  { projectFolder, cacheFolder }: { projectFolder: string; cacheFolder: string | null },
): Promise<Dataset> {
  const missing = recipe.images === '' ? 'images' : recipe.labels === '' ? 'labels' : null;
  if (missing) return new ImageDataset(null, recipe, null, [{ code: 'data.choose-idx', details: { missing } }]);
  const paths = {
    images: resolveDataPath(recipe.images, projectFolder),
    labels: resolveDataPath(recipe.labels, projectFolder),
  };
  const images = await readImages(paths, recipe);
  const cache =
    cacheFolder === null ? null : new TensorCache(cacheFolder, ['idx', images.hashes, recipe.scale, recipe.split]);
  return new ImageDataset(images, recipe, cache, splitIssues(recipe.split, images));
}

async function readImages(paths: { images: string; labels: string }, recipe: IdxRecipe): Promise<Images> {
  const imageFacts = await fileFacts(paths.images);
  const labelFacts = await fileFacts(paths.labels);
  const imageHeader = await readIdxHeader(imageFacts);
  const labelHeader = await readIdxHeader(labelFacts);
  for (const [file, header, fits] of [
    [paths.images, imageHeader, isImageHeader(imageHeader)],
    [paths.labels, labelHeader, isLabelHeader(labelHeader)],
  ] as const) {
    if (fits) continue;
    throw new LabError('data.idx-type', { file, type: idxTypeName(header), dimensions: header.dimensions.length });
  }
  const count = imageHeader.dimensions[0] ?? 0;
  const labelCount = labelHeader.dimensions[0] ?? 0;
  if (count !== labelCount) {
    const { images, labels } = paths;
    throw new LabError('data.idx-mismatch', { images, imageCount: count, labels, labelCount });
  }
  if (count === 0) throw new LabError('data.empty-file', { file: paths.images });
  const [channels, height, width] = imageHeader.dimensions.slice(-3) as [number, number, number];
  const [pixels, labelValues, imagesHash, labelsHash] = await Promise.all([
    readIdxValues(imageFacts, imageHeader),
    readIdxValues(labelFacts, labelHeader),
    sha256OfFile(imageFacts),
    sha256OfFile(labelFacts),
  ]);
  const integers = idxIntegers(labelValues, labelHeader);
  const distinct = [...new Set(integers)];
  const codes = new Map(distinct.map((value, code) => [value, code]));
  const changed =
    (recipe.imagesSha256 !== null && recipe.imagesSha256 !== imagesHash) ||
    (recipe.labelsSha256 !== null && recipe.labelsSha256 !== labelsHash);
  return {
    count,
    shape: imageHeader.dimensions.length === 3 ? [1, height, width] : [channels, height, width],
    pixels,
    labels: sortedLabels(
      integers.map((value) => codes.get(value) ?? -1),
      distinct.map(String),
    ),
    report: {
      ...plainReport(paths.images),
      bytes: imageFacts.bytes + labelFacts.bytes,
      notes: changed ? [{ code: 'data.note.file-changed', details: {} }] : [],
    },
    hashes: [imagesHash, labelsHash],
  };
}

function splitIssues(split: SplitRecipe, { labels }: Images): LayerIssue[] {
  const issues: LayerIssue[] = [];
  if (labels.values.length === 1) {
    issues.push({ code: 'data.one-class', details: { column: targetName, class: at(labels.values, 0) } });
  }
  if (labels.values.length > 1000) {
    issues.push({
      code: 'data.too-many-classes',
      details: { column: targetName, count: labels.values.length, limit: 1000 },
    });
  }
  if (split.kind === 'generated') issues.push({ code: 'data.no-generated-split', details: {} });
  else {
    const sum = tooLargeSum(split);
    if (sum !== null) issues.push({ code: 'data.split-sum', details: { sum } });
  }
  return issues;
}

function splitImages(images: Images | null, split: SplitRecipe): SplitRows {
  if (!images || split.kind === 'generated' || tooLargeSum(split) !== null) return bySplit(() => new Int32Array(0));
  const all = Int32Array.from({ length: images.count }, (_, row) => row);
  return splitByRatio(all, split, images.labels.codes);
}

/** Grey or coloured images with one label each. */
class ImageDataset implements Dataset {
  readonly summary: DataSummary;
  private readonly splits: SplitRows;
  private readonly splitOf: Uint8Array;
  private readonly prepared: PreparedOnce;

  constructor(
    private readonly data: Images | null,
    private readonly recipe: IdxRecipe,
    cache: TensorCache | null,
    issues: LayerIssue[],
  ) {
    this.prepared = new PreparedOnce(cache);
    this.splits = splitImages(data, recipe.split);
    this.splitOf = new Uint8Array(data?.count ?? 0);
    for (const [index, name] of splitNames.entries())
      for (const row of this.splits[name]) this.splitOf[row] = index + 1;
    const labels = data ? Array.from(data.labels.codes, (code) => data.labels.values[code] ?? '') : [];
    this.summary = {
      kind: 'idx',
      rows: data?.count ?? 0,
      columns: data ? [emptySummary('image', 'image'), labelSummary(targetName, labels)] : [],
      report: data?.report ?? plainReport(''),
      splits: bySplit((name) => this.splits[name].length),
      inputShape: data ? [...data.shape] : null,
      inputNames: [],
      target: data && {
        kind: 'classes',
        classes: data.labels.values,
        balance: classBalance(this.splits, data.labels.codes, data.labels.values.length),
        suggestedLoss: 'cross-entropy',
      },
      issues,
    };
  }

  async rows(offset: number, limit: number): Promise<DataPage> {
    const count = Math.max(0, Math.min(limit, this.summary.rows - offset));
    const rows = Array.from({ length: count }, (_, index) => offset + index);
    return {
      offset,
      total: this.summary.rows,
      columns: this.summary.columns.map(({ name }) => name),
      rows: await this.rowsAt(rows),
      splits: rows.map((row) => this.splitAt(row)),
    };
  }

  async rowsAt(rows: readonly number[]): Promise<DataPage['rows']> {
    const [, height, width] = this.data?.shape ?? [0, 0, 0];
    return rows.map((row) => [`${height} × ${width}`, this.labelOf(row)]);
  }

  async images(offset: number, limit: number): Promise<DataImages | null> {
    if (!this.data) return null;
    const { shape, pixels, count } = this.data;
    const [channels, height, width] = shape;
    const size = channels * height * width;
    const items = Array.from({ length: Math.max(0, Math.min(limit, count - offset)) }, (_, index) => {
      const row = offset + index;
      const bytes = new Uint8Array(pixels.subarray(row * size, (row + 1) * size));
      return { row, label: this.labelOf(row), split: this.splitAt(row), pixels: bytes };
    });
    return { height, width, channels, items };
  }

  async points(): Promise<null> {
    return null;
  }

  async column(index: number): Promise<DataColumn> {
    if (!this.data) throw new LabError('data.none');
    const { labels, shape, pixels } = this.data;
    if (at(this.summary.columns, index).name === targetName)
      return { kind: 'classes', codes: labels.codes, classes: labels.values };
    return { kind: 'numbers', shape: [...shape], values: Float32Array.from(pixels) };
  }

  async tensors(): Promise<PreparedData> {
    const [issue] = this.summary.issues;
    if (issue) throw new LabError(issue.code, issue.details);
    const { data } = this;
    if (!data) throw new LabError('data.none');
    const make = async (): Promise<PreparedData> => this.prepare(data);
    return this.prepared.get(make);
  }

  async close(): Promise<void> {
    this.prepared.drop();
  }

  private prepare({ shape, pixels, labels }: Images): PreparedData {
    const size = shape[0] * shape[1] * shape[2];
    checkMemory(this.summary.report.file, this.splits, size + 2);
    const { offset, scale } = this.fit(pixels, size);
    const target = classTargets(this.splits, { column: targetName, names: labels.values, codes: labels.codes });
    const network = Float32Array.from({ length: 256 }, (_, byte) => (byte - offset) / scale);
    const splits = bySplit((name) => {
      const rows = this.splits[name];
      const inputs = new Float32Array(rows.length * size);
      for (const [sample, row] of rows.entries()) {
        for (let index = 0; index < size; index += 1)
          inputs[sample * size + index] = at(network, at(pixels, row * size + index));
      }
      return { count: rows.length, inputs, targets: target.values[name], rows };
    });
    return {
      inputShape: [...shape],
      targetShape: target.shape,
      splits,
      preprocessing: {
        format: 1,
        input: { kind: 'image', shape: [...shape], offset, scale },
        target: target.preprocessing,
      },
    };
  }

  /** One scale for all pixels, so that an image keeps its looks; statistics from the training images only. */
  private fit(pixels: Buffer, size: number): Scaling {
    if (this.recipe.scale === 'min-max') return scalingOf('min-max', 0, 0, 0, 255);
    const counts = new Float64Array(256);
    for (const row of this.splits.training) {
      for (let index = 0; index < size; index += 1) {
        const byte = at(pixels, row * size + index);
        counts[byte] = at(counts, byte) + 1;
      }
    }
    const total = this.splits.training.length * size;
    let mean = 0;
    let square = 0;
    for (const [byte, count] of counts.entries()) {
      mean += (byte * count) / total;
      square += (byte * byte * count) / total;
    }
    const seen = [...counts.keys()].filter((byte) => at(counts, byte) > 0);
    return scalingOf(
      this.recipe.scale,
      mean,
      Math.sqrt(Math.max(0, square - mean * mean)),
      seen[0] ?? 0,
      seen.at(-1) ?? 0,
    );
  }

  private labelOf(row: number): string {
    return this.data?.labels.values[at(this.data.labels.codes, row)] ?? '';
  }

  private splitAt(row: number): (typeof splitNames)[number] | null {
    return splitNames[at(this.splitOf, row) - 1] ?? null;
  }
}
