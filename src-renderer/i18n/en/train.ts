export const train = { heading: 'Train' };
