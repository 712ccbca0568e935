import { boxLines, linkLabels, type Words } from './labels';
import type { Direction, VisibleBox, VisibleGraph } from './visible';

/** The graph in the language of Graphviz: `dot -Tsvg graph.dot`. Shapes and colours say what boxes are, as in the drawing. */
export function toDot(visible: VisibleGraph, direction: Direction, words: Words): string {
  const lines = [
    'digraph recorded {',
    '  rankdir=TB;',
    '  node [shape=box, style="filled,rounded", fontname="sans-serif", fontsize=11];',
    '  edge [fontname="sans-serif", fontsize=9];',
  ];
  const within = (group: string | null): VisibleBox[] => visible.boxes.filter(({ inside }) => inside === group);
  const box = (one: VisibleBox, indent: string): string => {
    const label = boxLines(one, direction, words).map(({ text }) => text);
    return `${indent}${quoted(one.id)} [label=${quoted(...label)}, ${look(one)}];`;
  };
  for (const one of within(null)) lines.push(box(one, '  '));
  visible.open.forEach((group, index) => {
    lines.push(`  subgraph cluster_${index} {`, `    label=${quoted(words.layer(group))};`);
    for (const one of within(group.id)) lines.push(box(one, '    '));
    lines.push('  }');
  });
  const nodes = new Map(visible.boxes.map(({ id, node }) => [id, node]));
  for (const link of visible.links) {
    const { forward, backward } = linkLabels(link, nodes.get(link.from) ?? null, direction, words);
    if (direction !== 'backward')
      lines.push(arrow(link.from, link.to, forward, link.requiresGrad ? '' : ', color="#888888"'));
    // `dir=back`: the layout stays that of the way forward.
    if (direction !== 'forward' && link.requiresGrad)
      lines.push(arrow(link.from, link.to, backward, ', dir=back, style=dashed, color="#b45309", fontcolor="#b45309"'));
  }
  return [...lines, '}', ''].join('\n');
}

const arrow = (from: string, to: string, label: string | null, look: string): string =>
  `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(label ?? '')}${look}];`;

function look({ node, layer, branch }: VisibleBox): string {
  const colour = layer
    ? '#e4e8fb'
    : { leaf: '#d7ecdf', constant: '#f3f4f6', operator: '#ffffff' }[node?.kind ?? 'operator'];
  const width = node?.result ? 2.5 : 1;
  const beside = branch === null ? '' : `, xlabel=${quoted(`∥${branch}`)}`;
  return `fillcolor="${colour}", penwidth=${width}${beside}`;
}

/** A string of DOT; several are lines below each other. A backslash would begin an escape, a quotation mark would end the string. */
const quoted = (...lines: readonly string[]): string =>
  `"${lines.map((line) => line.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replace(/\r?\n/g, ' ')).join('\\n')}"`;
