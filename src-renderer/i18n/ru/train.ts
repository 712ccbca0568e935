export const train = { heading: 'Обучение' };
