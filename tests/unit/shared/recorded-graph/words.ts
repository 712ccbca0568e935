import type { Words } from '../../../../shared/recorded-graph/labels';

export const plainWords: Words = {
  number: (value) => String(Number(value.toPrecision(4))),
  layer: ({ name, kind }) => name ?? kind,
  operators: (count) => `${count} operators`,
};
