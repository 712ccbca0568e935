export const design = { heading: 'Сеть' };
