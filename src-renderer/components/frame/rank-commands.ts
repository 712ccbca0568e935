import type { Command } from '../../stores/commands';

/**
 * Commands that fit what was typed, best first within their section's place: the whole query at the start of a word beats
 * anywhere, which beats its letters in order. Sections stay together, ordered by their best command.
 */
export function rankCommands(commands: readonly Command[], query: string): Command[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return groupBySection(commands.map((command) => ({ command, score: 0 })));
  const fitting = commands
    .map((command) => ({ command, score: fit(command.title().toLowerCase(), wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  return groupBySection(fitting);
}

function groupBySection(scored: readonly { command: Command; score: number }[]): Command[] {
  const sections = new Map<string, Command[]>();
  for (const { command } of scored) {
    const name = command.section();
    sections.set(name, [...(sections.get(name) ?? []), command]);
  }
  return [...sections.values()].flat();
}

function fit(title: string, wanted: string): number {
  if (title.startsWith(wanted)) return 4;
  if (title.split(/[\s:.,()-]+/).some((word) => word.startsWith(wanted))) return 3;
  if (title.includes(wanted)) return 2;
  let at = 0;
  for (const letter of title) if (letter === wanted[at]) at += 1;
  return at === wanted.length ? 1 : 0;
}
