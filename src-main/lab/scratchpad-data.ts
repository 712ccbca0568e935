import { LabError } from '../../shared/errors';
import type { SplitName } from '../../shared/project/data';
import { splitNames } from '../data/recipe/split';
import type { Dataset, PreparedSplit } from '../data/dataset';
import type { HostAnswers } from '../scratchpad/host-calls';
import { defaultLimits } from '../scratchpad/language/limits';
import type { LabContext } from './context';
import { hasData } from './data';

/** Bytes of a value in a notebook: float32, and int64, which is kept as doubles. */
const numberBytes = 4;
const indexBytes = 8;

/** What the cells of a project's notebook may ask for: the data of that project, as far as they fit into a notebook. */
export function scratchpadAnswers({
  projects,
  datasets,
}: LabContext): (project: string | null) => Omit<HostAnswers, 'network' | 'cards'> {
  return (project) => {
    const use = async <Result>(task: (dataset: Dataset) => Promise<Result>): Promise<Result> => {
      if (project === null) throw new LabError('scratchpad.no-project');
      const session = projects.get(project);
      const { data } = session.document;
      if (!hasData(data)) throw new LabError('data.none');
      return datasets.use(session, data, task);
    };
    return {
      dataColumns: () => use(async ({ summary }) => summary.columns.map(({ name }) => name)),
      dataColumn: ({ name }) =>
        use(async (dataset) => {
          const { columns, inputShape, rows } = dataset.summary;
          const index = columns.findIndex((column) => column.name === name);
          if (index < 0) return null;
          const pixels = columns[index]?.type === 'image' ? valuesOf(inputShape ?? []) : 1;
          refuseTooLarge(rows * Math.max(pixels * numberBytes, indexBytes));
          return dataset.column(index);
        }),
      dataClasses: () => use(async ({ summary: { target } }) => (target?.kind === 'classes' ? target.classes : null)),
      dataSamples: ({ part }) =>
        use(async (dataset) => {
          const { splits, inputShape, target } = dataset.summary;
          const wanted: readonly SplitName[] = part === 'all' ? splitNames : [part];
          const targetBytes = target?.kind === 'numbers' ? target.names.length * numberBytes : indexBytes;
          const samples = wanted.reduce((sum, name) => sum + splits[name], 0);
          refuseTooLarge(samples * (valuesOf(inputShape ?? []) * numberBytes + targetBytes));
          const data = await dataset.tensors();
          const parts = wanted.map((name) => data.splits[name]);
          return {
            inputShape: [samples, ...data.inputShape],
            inputs: joinFloats(parts.map(({ inputs }) => inputs)),
            targetShape: target?.kind === 'numbers' ? [samples, ...data.targetShape] : [samples],
            targets: joinTargets(parts),
          };
        }),
    };
  };
}

const valuesOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Before it is read, and before it travels. */
function refuseTooLarge(bytes: number): void {
  const { memory } = defaultLimits;
  if (bytes <= memory) return;
  const megabytes = (count: number): number => Math.ceil(count / 2 ** 20);
  throw new LabError('scratchpad.data-too-large', { megabytes: megabytes(bytes), limit: megabytes(memory) });
}

function joinTargets(parts: readonly PreparedSplit[]): PreparedSplit['targets'] {
  const indices = parts.flatMap(({ targets }) => (targets instanceof BigInt64Array ? [targets] : []));
  if (indices.length === 0)
    return joinFloats(parts.flatMap(({ targets }) => (targets instanceof Float32Array ? [targets] : [])));
  const joined = new BigInt64Array(indices.reduce((sum, { length }) => sum + length, 0));
  place(indices, (values, at) => joined.set(values, at));
  return joined;
}

function joinFloats(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  place(parts, (values, at) => joined.set(values, at));
  return joined;
}

/** Each where the one before it ends. */
function place<Values extends { length: number }>(
  parts: readonly Values[],
  put: (values: Values, at: number) => void,
): void {
  let at = 0;
  for (const values of parts) {
    put(values, at);
    at += values.length;
  }
}
