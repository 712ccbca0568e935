export const design = { heading: 'Design' };
