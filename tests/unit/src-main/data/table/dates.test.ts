import { expect, it } from 'vitest';
import { dateFormats, parseDate } from '../../../../../src-main/data/table/dates';

it.each([
  ['2024-02-29', null, Date.UTC(2024, 1, 29)],
  ['2023-02-29', null, null],
  ['31.12.1999', null, Date.UTC(1999, 11, 31)],
  ['03/04/2020', null, Date.UTC(2020, 3, 3)],
  ['03/04/2020', 'mm/dd/yyyy', Date.UTC(2020, 2, 4)],
  ['12/25/2020', null, Date.UTC(2020, 11, 25)],
  ['2020-01-02 03:04:05', null, Date.UTC(2020, 0, 2, 3, 4, 5)],
  ['2020-01-02T03:04:05Z', null, Date.UTC(2020, 0, 2, 3, 4, 5)],
  ['2020-01-02 25:00', null, null],
  ['01.02.20', null, null],
  ['12', null, null],
  ['tomorrow', null, null],
])('%s as %s', (text, format, expected) => {
  expect(parseDate(text, format)).toBe(expected);
});

it('every format has a name of its own', () => {
  expect(new Set(dateFormats.map(({ name }) => name)).size).toBe(dateFormats.length);
});
