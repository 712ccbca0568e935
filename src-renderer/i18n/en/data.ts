export const data = {
  undo: { import: 'import data', generate: 'generate data' },
};
