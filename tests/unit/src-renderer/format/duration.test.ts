import { expect, it } from 'vitest';
import { formatDuration } from '../../../../src-renderer/format/duration';

it.each([
  [0.4504, '450 ms', '450 мс'],
  [2.34, '2.3 s', '2,3 с'],
  [12.4, '12 s', '12 с'],
  [59.7, '1 min', '1 мин'],
  [200, '3 min 20 s', '3 мин 20 с'],
  [3600, '1 h', '1 ч'],
  [7500, '2 h 05 min', '2 ч 05 мин'],
  [100_000, '1 d 03 h', '1 д 03 ч'],
  [Infinity, '–', '–'],
  [-1, '–', '–'],
])('%d s', (seconds, english, russian) => {
  expect(formatDuration(seconds, 'en')).toBe(english);
  expect(formatDuration(seconds, 'ru')).toBe(russian);
});
