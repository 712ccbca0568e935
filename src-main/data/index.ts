export type { Dataset, PreparedData, PreparedSplit } from './dataset';
export type { Cell } from './source';
export { guessRecipe, type GuessOptions } from './guess';
export { openDataset, type OpenOptions } from './open';
export {
  describeOutputs,
  linesOfRows,
  readTable,
  transformRows,
  type BadRow,
  type OutputDescription,
  type ReadTable,
  type UnknownCategories,
  unknownCategories,
} from './predict';
export { closeIdleTables } from './table/shared-tables';
