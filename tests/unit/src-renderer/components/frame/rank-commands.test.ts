import { expect, it } from 'vitest';
import { rankCommands } from '../../../../../src-renderer/components/frame/rank-commands';
import type { Command } from '../../../../../src-renderer/stores/commands';

const command = (title: string, section = 'x'): Command => ({
  id: title,
  title: () => title,
  section: () => section,
  run: () => undefined,
});
const titles = (commands: Command[], query: string) => rankCommands(commands, query).map((found) => found.title());

it('shows everything in its order when nothing is typed, sections together', () => {
  const all = [command('b', 'one'), command('a', 'two'), command('c', 'one')];
  expect(titles(all, ' ')).toEqual(['b', 'c', 'a']);
});

it('prefers the start of the title, then of a word, then anywhere, then letters in order', () => {
  const all = ['Theme: Dark', 'Constrain', 'Train', 'Stop the train', 'To rain'].map((title) => command(title));
  expect(titles(all, 'train')).toEqual(['Train', 'Stop the train', 'Constrain', 'To rain']);
});

it('finds Russian words whatever their case, and nothing for nonsense', () => {
  expect(titles([command('Обучение'), command('Данные')], 'обуч')).toEqual(['Обучение']);
  expect(titles([command('Train')], 'qqq')).toEqual([]);
});
