import type { Expression } from './ast';

/** The first part that nothing can be assigned to, with Python's name for it; null when all of it is a target. */
export function findInvalidTarget(node: Expression): { node: Expression; name: string } | null {
  switch (node.kind) {
    case 'name':
    case 'attribute':
    case 'subscript':
      return null;
    case 'starred':
      return findInvalidTarget(node.value);
    case 'tuple':
    case 'list':
      for (const element of node.elements) {
        const found = findInvalidTarget(element);
        if (found) return found;
      }
      return null;
    default:
      return { node, name: nameOf(node) };
  }
}

/** "cannot assign to <name>", as CPython calls it. */
function nameOf(node: Exclude<Expression, { kind: 'name' | 'attribute' | 'subscript' | 'starred' }>): string {
  switch (node.kind) {
    case 'constant':
      if (node.value === null) return 'None';
      if (node.value === true) return 'True';
      if (node.value === false) return 'False';
      return 'literal';
    case 'ellipsis':
      return 'ellipsis';
    case 'format':
      return 'f-string expression';
    case 'set':
      return 'set display';
    case 'dict':
      return 'dict literal';
    case 'unary':
    case 'binary':
    case 'logical':
      return 'expression';
    case 'compare':
      return 'comparison';
    case 'conditional':
      return 'conditional expression';
    case 'lambda':
      return 'lambda';
    case 'call':
      return 'function call';
    case 'comprehension':
      return node.form === 'generator' ? 'generator expression' : `${node.form} comprehension`;
    case 'named':
      return 'named expression';
    case 'yield':
      return 'yield expression';
    case 'tuple':
    case 'list':
      return node.kind;
    case 'slice':
      return 'slice';
  }
}

export const isConstantName = (name: string): boolean => name === 'None' || name === 'True' || name === 'False';
