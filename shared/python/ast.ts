import type { Position } from './position';

/** The syntax tree of the subset of Python that the scratchpad understands. */

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '@' | '&' | '|' | '^' | '<<' | '>>';
export type UnaryOperator = '-' | '+' | '~' | 'not';
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in' | 'is' | 'is not';

interface Node<Kind extends string> {
  kind: Kind;
  position: Position;
}

export interface NameNode extends Node<'name'> {
  name: string;
}

export interface ConstantNode extends Node<'constant'> {
  value: null | boolean | bigint | number | string;
}

/** `...` */
export type EllipsisNode = Node<'ellipsis'>;

/** An f-string: texts and values in turn. */
export interface FormatNode extends Node<'format'> {
  parts: (string | ReplacementNode)[];
}

export interface ReplacementNode extends Node<'replacement'> {
  value: Expression;
  conversion: 'r' | 's' | 'a' | null;
  specification: FormatNode | null;
}

export interface SequenceNode extends Node<'tuple' | 'list' | 'set'> {
  elements: Expression[];
}

export interface DictNode extends Node<'dict'> {
  /** Key null: `**value`. */
  entries: { key: Expression | null; value: Expression }[];
}

export interface StarredNode extends Node<'starred'> {
  value: Expression;
}

export interface UnaryNode extends Node<'unary'> {
  operator: UnaryOperator;
  operand: Expression;
}

export interface BinaryNode extends Node<'binary'> {
  operator: BinaryOperator;
  left: Expression;
  right: Expression;
}

export interface LogicalNode extends Node<'logical'> {
  operator: 'and' | 'or';
  operands: Expression[];
}

/** a < b <= c: one more operand than operators. */
export interface CompareNode extends Node<'compare'> {
  operators: Comparison[];
  operands: Expression[];
}

export interface ConditionalNode extends Node<'conditional'> {
  test: Expression;
  then: Expression;
  otherwise: Expression;
}

export interface LambdaNode extends Node<'lambda'> {
  parameters: ParameterNode[];
  body: Expression;
}

export interface CallNode extends Node<'call'> {
  callee: Expression;
  /** Starred ones spread. */
  args: Expression[];
  /** Name null: `**value`. */
  keywords: { name: string | null; value: Expression; position: Position }[];
}

export interface AttributeNode extends Node<'attribute'> {
  value: Expression;
  name: string;
  namePosition: Position;
}

export interface SubscriptNode extends Node<'subscript'> {
  value: Expression;
  index: Expression;
}

export interface SliceNode extends Node<'slice'> {
  start: Expression | null;
  stop: Expression | null;
  step: Expression | null;
}

export interface ComprehensionClause {
  target: Expression;
  iterable: Expression;
  conditions: Expression[];
}

export interface ComprehensionNode extends Node<'comprehension'> {
  form: 'list' | 'set' | 'dict' | 'generator';
  /** Of a dict the key. */
  element: Expression;
  /** Of a dict the value; otherwise null. */
  value: Expression | null;
  clauses: ComprehensionClause[];
}

/** `(name := value)` */
export interface NamedNode extends Node<'named'> {
  target: NameNode;
  value: Expression;
}

/** `yield value`, `yield from value` */
export interface YieldNode extends Node<'yield'> {
  value: Expression | null;
  from: boolean;
}

export type Expression =
  | NameNode
  | ConstantNode
  | EllipsisNode
  | FormatNode
  | SequenceNode
  | DictNode
  | StarredNode
  | UnaryNode
  | BinaryNode
  | LogicalNode
  | CompareNode
  | ConditionalNode
  | LambdaNode
  | CallNode
  | AttributeNode
  | SubscriptNode
  | SliceNode
  | ComprehensionNode
  | NamedNode
  | YieldNode;

export interface ParameterNode {
  name: string;
  kind: 'positional-only' | 'plain' | 'rest' | 'keyword-only' | 'keywords';
  default: Expression | null;
  position: Position;
}

export interface ExpressionStatement extends Node<'expression'> {
  value: Expression;
}

/** a = b = value: the targets in the order they are written. */
export interface AssignStatement extends Node<'assign'> {
  targets: Expression[];
  value: Expression;
}

export interface AugmentedStatement extends Node<'augmented'> {
  target: Expression;
  operator: BinaryOperator;
  value: Expression;
}

/** name: annotation = value; annotations are not evaluated. */
export interface AnnotatedStatement extends Node<'annotated'> {
  target: Expression;
  value: Expression | null;
}

export interface IfStatement extends Node<'if'> {
  test: Expression;
  body: Statement[];
  otherwise: Statement[];
}

export interface WhileStatement extends Node<'while'> {
  test: Expression;
  body: Statement[];
  otherwise: Statement[];
}

export interface ForStatement extends Node<'for'> {
  target: Expression;
  iterable: Expression;
  body: Statement[];
  otherwise: Statement[];
}

export interface FunctionStatement extends Node<'def'> {
  name: string;
  parameters: ParameterNode[];
  body: Statement[];
  decorators: Expression[];
  /** Holds a `yield`. */
  generator: boolean;
}

export interface ClassStatement extends Node<'class'> {
  name: string;
  bases: Expression[];
  body: Statement[];
  decorators: Expression[];
}

export interface ReturnStatement extends Node<'return'> {
  value: Expression | null;
}

export interface ImportStatement extends Node<'import'> {
  modules: { name: string; alias: string | null; position: Position }[];
}

export interface FromImportStatement extends Node<'from-import'> {
  module: string;
  modulePosition: Position;
  /** Name '*': everything. */
  names: { name: string; alias: string | null; position: Position }[];
}

export interface ScopeStatement extends Node<'global' | 'nonlocal'> {
  names: { name: string; position: Position }[];
}

export interface DeleteStatement extends Node<'delete'> {
  targets: Expression[];
}

export interface RaiseStatement extends Node<'raise'> {
  exception: Expression | null;
  cause: Expression | null;
}

export interface ExceptClause {
  /** Null: catches everything. */
  exception: Expression | null;
  name: string | null;
  body: Statement[];
  position: Position;
}

export interface TryStatement extends Node<'try'> {
  body: Statement[];
  handlers: ExceptClause[];
  otherwise: Statement[];
  finally: Statement[];
}

export interface WithStatement extends Node<'with'> {
  items: { manager: Expression; target: Expression | null }[];
  body: Statement[];
}

export interface AssertStatement extends Node<'assert'> {
  test: Expression;
  message: Expression | null;
}

export type Statement =
  | ExpressionStatement
  | AssignStatement
  | AugmentedStatement
  | AnnotatedStatement
  | IfStatement
  | WhileStatement
  | ForStatement
  | FunctionStatement
  | ClassStatement
  | ReturnStatement
  | ImportStatement
  | FromImportStatement
  | ScopeStatement
  | DeleteStatement
  | RaiseStatement
  | TryStatement
  | WithStatement
  | AssertStatement
  | Node<'pass' | 'break' | 'continue'>;

export interface Module {
  body: Statement[];
}
